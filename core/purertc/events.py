"""The events of a connection, for programs that take them as values instead of by a handler."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from purertc.sansio.events import (
    ConnectionStateChanged,
    IceCandidateFailed,
    IceConnectionStateChanged,
    IceGatheringStateChanged,
    NegotiationNeeded,
    SignalingStateChanged,
)

if TYPE_CHECKING:
    from purertc.data_channel import DataChannel
    from purertc.sansio.description import IceCandidate

__all__ = [
    "BufferedAmountLow",
    "ChannelClosed",
    "ChannelClosing",
    "ChannelOpened",
    "ConnectionStateChanged",
    "DataChannelAnnounced",
    "Event",
    "EventSink",
    "IceCandidateFailed",
    "IceCandidateFound",
    "IceConnectionStateChanged",
    "IceGatheringStateChanged",
    "MessageAvailable",
    "NegotiationNeeded",
    "SignalingStateChanged",
]


@dataclass(frozen=True, slots=True)
class IceCandidateFound:
    """A local candidate to send to the other side, or None after the last one."""

    candidate: "IceCandidate | None"


@dataclass(frozen=True, slots=True)
class DataChannelAnnounced:
    """The other side opened a data channel; it is open."""

    channel: "DataChannel"


@dataclass(frozen=True, slots=True)
class ChannelOpened:
    """A data channel of this side opened."""

    channel: "DataChannel"


@dataclass(slots=True)
class MessageAvailable:
    """Messages wait in a channel that had none: take them with ``channel.receive_nowait()``.

    It is not repeated until all of them were taken.
    """

    channel: "DataChannel"


@dataclass(frozen=True, slots=True)
class ChannelClosing:
    """One side began to close the channel."""

    channel: "DataChannel"


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """The channel is closed."""

    channel: "DataChannel"


@dataclass(slots=True)
class BufferedAmountLow:
    """The bytes that wait to be sent fell to the channel's threshold."""

    channel: "DataChannel"


Event = (
    SignalingStateChanged
    | IceGatheringStateChanged
    | IceConnectionStateChanged
    | ConnectionStateChanged
    | IceCandidateFound
    | IceCandidateFailed
    | NegotiationNeeded
    | DataChannelAnnounced
    | ChannelOpened
    | MessageAvailable
    | ChannelClosing
    | ChannelClosed
    | BufferedAmountLow
)


class EventSink(Protocol):
    """Where a connection's events go: the handlers by default, or an adapter's own object."""

    def deliver(self, event: Event) -> None:
        """Take one event.

        Called in order, inside the call or the network callback that caused the event. It may
        call the connection; it must not block. What it raises is logged.
        """
