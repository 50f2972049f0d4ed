"""What an ICE agent tells its owner."""

from dataclasses import dataclass

from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.types import IceConnectionState

__all__ = ["IceEvent", "IceStateChanged", "SelectedPairChanged"]


@dataclass(frozen=True, slots=True)
class IceStateChanged:
    """The agent's state changed; ``reason`` is a sentence when it went for the worse."""

    state: IceConnectionState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SelectedPairChanged:
    """Data goes over this pair from now on."""

    pair: CandidatePair


IceEvent = IceStateChanged | SelectedPairChanged
