"""What the peer tells its owner, in the order in which it happened."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purertc.sansio.streams import Stream
from purertc.sansio.types import (
    ConnectionState,
    IceCandidateError,
    IceConnectionState,
    IceGatheringState,
    SignalingState,
)

if TYPE_CHECKING:
    from purertc.sansio.datachannel import Channel
    from purertc.sansio.description import IceCandidate

__all__ = [
    "BufferedAmountLow",
    "ChannelAnnounced",
    "ChannelClosed",
    "ChannelClosing",
    "ChannelEvent",
    "ChannelOpened",
    "ChannelReadable",
    "ConnectionStateChanged",
    "Event",
    "GatheringWanted",
    "HostNameWanted",
    "IceCandidateFailed",
    "IceCandidateGathered",
    "IceConnectionStateChanged",
    "IceGatheringStateChanged",
    "LookupWanted",
    "NegotiationNeeded",
    "SignalingStateChanged",
    "StreamOutput",
    "StreamUnwanted",
    "StreamWanted",
]


@dataclass(frozen=True, slots=True)
class SignalingStateChanged:
    """The offer/answer exchange moved on (W3C webrtc-pc section 4.3.1)."""

    state: SignalingState


@dataclass(frozen=True, slots=True)
class IceGatheringStateChanged:
    """Gathering of local candidates began or ended (W3C webrtc-pc section 4.3.2)."""

    state: IceGatheringState


@dataclass(frozen=True, slots=True)
class IceConnectionStateChanged:
    """The ICE transport changed state (W3C webrtc-pc section 4.3.4)."""

    state: IceConnectionState


@dataclass(frozen=True, slots=True)
class ConnectionStateChanged:
    """The connection as a whole changed state (W3C webrtc-pc section 4.3.3)."""

    state: ConnectionState


@dataclass(frozen=True, slots=True)
class IceCandidateGathered:
    """A local candidate to signal to the other side, or None after the last one (RFC 8838)."""

    candidate: "IceCandidate | None"


@dataclass(frozen=True, slots=True)
class IceCandidateFailed:
    """A STUN or TURN server gave no candidate."""

    error: IceCandidateError


@dataclass(frozen=True, slots=True)
class NegotiationNeeded:
    """An offer is due (W3C webrtc-pc section 4.7.3)."""


@dataclass(frozen=True, slots=True)
class GatheringWanted:
    """The owner is to bind sockets and add their addresses."""


@dataclass(frozen=True, slots=True)
class LookupWanted:
    """The owner is to look up a name: of a server, or a ``.local`` one of a remote candidate.

    It answers with ``lookup_done`` or ``lookup_failed``.
    """

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class HostNameWanted:
    """The owner is to announce ``name`` for ``host`` by multicast DNS while the peer lives."""

    name: str
    host: str


@dataclass(frozen=True, slots=True)
class StreamWanted:
    """The owner is to connect, and to say ``stream_opened`` or ``stream_closed``."""

    stream: Stream


@dataclass(slots=True)
class StreamOutput:
    """The owner is to send bytes over an open stream."""

    stream: Stream
    data: bytes


@dataclass(frozen=True, slots=True)
class StreamUnwanted:
    """The owner is to close a stream, after what it was given to send, and forget it."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class ChannelAnnounced:
    """The other side opened a data channel; it is open (RFC 8832 section 6)."""

    channel: "Channel"


@dataclass(frozen=True, slots=True)
class ChannelOpened:
    """A data channel of this side opened."""

    channel: "Channel"


@dataclass(slots=True)
class ChannelReadable:
    """Messages wait in a channel that had none."""

    channel: "Channel"


@dataclass(frozen=True, slots=True)
class ChannelClosing:
    """One side began to close the channel (RFC 8831 section 6.7)."""

    channel: "Channel"


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """The channel is closed in both directions, or its connection is gone."""

    channel: "Channel"


@dataclass(slots=True)
class BufferedAmountLow:
    """The bytes that wait to be sent fell to the channel's threshold."""

    channel: "Channel"


ChannelEvent = (
    ChannelAnnounced
    | ChannelOpened
    | ChannelReadable
    | ChannelClosing
    | ChannelClosed
    | BufferedAmountLow
)

Event = (
    SignalingStateChanged
    | IceGatheringStateChanged
    | IceConnectionStateChanged
    | ConnectionStateChanged
    | IceCandidateGathered
    | IceCandidateFailed
    | NegotiationNeeded
    | GatheringWanted
    | LookupWanted
    | HostNameWanted
    | StreamWanted
    | StreamOutput
    | StreamUnwanted
    | ChannelEvent
)
