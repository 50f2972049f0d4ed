"""An ICE restart from the wish to the agreement (W3C webrtc-pc section 4.4.2, restartIce)."""

from purertc.sansio.entropy import Entropy
from purertc.sansio.ice.agent import new_parameters
from purertc.sansio.types import IceParameters

__all__ = ["IceRestart"]


class IceRestart:
    """What this side wants and has proposed.

    ``wanted``: the application asked for a restart that no exchange has brought yet.
    ``proposed``: the credentials of an offer or answer that is not applied yet.
    """

    __slots__ = ("_entropy", "proposed", "wanted")

    def __init__(self, entropy: Entropy) -> None:
        self.wanted = False
        self.proposed: IceParameters | None = None
        self._entropy = entropy

    def propose(self) -> IceParameters:
        """Return the credentials to restart with, the same ones until they are applied."""
        if self.proposed is None:
            self.proposed = new_parameters(self._entropy)
        return self.proposed
