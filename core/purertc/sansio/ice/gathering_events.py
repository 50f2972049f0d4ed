"""What the gatherer of candidates tells its owner."""

from dataclasses import dataclass

from purertc.sansio.events import (
    IceCandidateFailed,
    LookupWanted,
    StreamOutput,
    StreamUnwanted,
    StreamWanted,
)
from purertc.sansio.types import Address

__all__ = ["GathererEvent", "GatheringFinished", "ReflexiveFound", "RelayLost", "RelayedFound"]


@dataclass(frozen=True, slots=True)
class ReflexiveFound:
    """``server`` sees the UDP socket ``base`` at ``mapped``; ``url`` is the server's."""

    mapped: Address
    base: Address
    server: Address
    url: str


@dataclass(frozen=True, slots=True)
class RelayedFound:
    """A relay forwards what comes to ``relayed``; it is a base to send from.

    ``mapped`` is where the server sees us, ``server`` its address, ``base`` the UDP socket that
    talks to it, None over TCP. ``relay_protocol`` is "udp", "tcp" or "tls", as in W3C
    webrtc-stats section 6.16.
    """

    relayed: Address
    mapped: Address | None
    url: str
    server: Address
    base: Address | None
    relay_protocol: str


@dataclass(frozen=True, slots=True)
class RelayLost:
    """A relayed address is gone; ``reason`` is a sentence."""

    relayed: Address
    reason: str


@dataclass(frozen=True, slots=True)
class GatheringFinished:
    """All bases are in, and every server has answered, failed or run out of time.

    It comes once for each start, and again when a base that came or went later made servers be
    asked again.
    """


GathererEvent = (
    ReflexiveFound
    | RelayedFound
    | RelayLost
    | GatheringFinished
    | LookupWanted
    | StreamWanted
    | StreamOutput
    | StreamUnwanted
    | IceCandidateFailed
)
