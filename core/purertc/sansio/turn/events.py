"""What a TURN client tells its owner."""

from dataclasses import dataclass

from purertc.sansio.types import Address

__all__ = [
    "NO_STUN_CODE",
    "TurnAllocated",
    "TurnEvent",
    "TurnFailed",
    "TurnLost",
    "TurnRedirected",
]

NO_STUN_CODE = 701
"""The code of a failure that no server named (W3C webrtc-pc section 4.8.3)."""


@dataclass(frozen=True, slots=True)
class TurnAllocated:
    """There is a relay at ``relayed``; the server sees us at ``mapped``, if it said so.

    ``lifetime`` is what was granted, in seconds; the client refreshes it by itself.
    """

    relayed: Address
    mapped: Address | None
    lifetime: int


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """There will be no relay; ``code`` is the server's error, or 701 without one."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class TurnRedirected:
    """There will be no relay here, but ``server`` may give one (RFC 8489 section 10).

    ``code`` and ``reason`` are what the server said, for an owner that does not follow.
    """

    server: Address
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class TurnLost:
    """The relay that there was is gone."""

    reason: str


TurnEvent = TurnAllocated | TurnFailed | TurnRedirected | TurnLost
