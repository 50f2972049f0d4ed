"""Which side decides, and what happens when both think they do (RFC 8445 section 7.3.1.1)."""

from enum import Enum, auto

from purertc.sansio.entropy import Entropy, random_u64
from purertc.wire.stun import Attribute, StunMessage

__all__ = ["Conflict", "Role"]


class Conflict(Enum):
    """What a request's role attribute asks for."""

    NONE = auto()
    SWITCH = auto()
    REJECT = auto()


class Role:
    """Controlling or controlled, with the tie-breaker."""

    __slots__ = ("_entropy", "controlling", "tie_breaker")

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self.controlling = False
        self.tie_breaker = random_u64(entropy)

    def copy(self) -> "Role":
        """Return a role for another generation; a restart keeps it (RFC 8445 section 9)."""
        other = Role(self._entropy)
        other.controlling, other.tie_breaker = self.controlling, self.tie_breaker
        return other

    def attribute(self) -> Attribute:
        """Return the attribute that announces the role."""
        return Attribute.ICE_CONTROLLING if self.controlling else Attribute.ICE_CONTROLLED

    def conflict(self, request: StunMessage) -> Conflict:
        """Judge a request: may raise BadPacket when its role attribute is malformed."""
        theirs = request.unsigned(self.attribute(), 8)
        if theirs is None:
            return Conflict.NONE
        # The larger tie-breaker controls.
        we_win = self.tie_breaker >= theirs
        return Conflict.REJECT if we_win == self.controlling else Conflict.SWITCH

    def renew_tie_breaker(self) -> None:
        """Take another number after a 487 response (RFC 8445 section 7.1.3)."""
        self.tie_breaker = random_u64(self._entropy)
