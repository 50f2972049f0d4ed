"""A client of TURN servers (RFC 8656) without I/O."""

from purertc.sansio.turn.client import TurnClient
from purertc.sansio.turn.config import RetransmissionConfig, TurnConfig, TurnCredentials
from purertc.sansio.turn.events import (
    NO_STUN_CODE,
    TurnAllocated,
    TurnEvent,
    TurnFailed,
    TurnLost,
    TurnRedirected,
)

__all__ = [
    "NO_STUN_CODE",
    "RetransmissionConfig",
    "TurnAllocated",
    "TurnClient",
    "TurnConfig",
    "TurnCredentials",
    "TurnEvent",
    "TurnFailed",
    "TurnLost",
    "TurnRedirected",
]
