"""Clients of STUN and TURN servers (RFC 8489, RFC 8656) without I/O."""

from purertc.sansio.turn.client import TurnClient
from purertc.sansio.turn.config import RetransmissionConfig, TurnConfig, TurnCredentials
from purertc.sansio.turn.events import (
    NO_STUN_CODE,
    StunFailed,
    StunMapped,
    StunQueryEvent,
    TurnAllocated,
    TurnEvent,
    TurnFailed,
    TurnLost,
    TurnRedirected,
)
from purertc.sansio.turn.stun_query import StunQuery

__all__ = [
    "NO_STUN_CODE",
    "RetransmissionConfig",
    "StunFailed",
    "StunMapped",
    "StunQuery",
    "StunQueryEvent",
    "TurnAllocated",
    "TurnClient",
    "TurnConfig",
    "TurnCredentials",
    "TurnEvent",
    "TurnFailed",
    "TurnLost",
    "TurnRedirected",
]
