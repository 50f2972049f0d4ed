"""One data channel: what was agreed about it, its state, its unread messages."""

from collections import deque
from dataclasses import dataclass, field
from typing import Self

from purertc.errors import ChannelClosed, InvalidStateError
from purertc.sansio.types import DataChannelState
from purertc.wire.dcep import DataChannelOpen

__all__ = ["Channel"]


@dataclass(slots=True, eq=False, kw_only=True)
class Channel:
    """A data channel (W3C webrtc-pc section 6.2), compared by identity.

    ``id``
        The SCTP stream, None until the DTLS role is known.
    ``max_packet_life_time``
        In milliseconds; at most one of this and ``max_retransmits`` is set.
    ``buffered_amount``
        Bytes of messages that wait to be sent for the first time; text counts as UTF-8.
    ``inbox``
        Messages not yet read. Take them with DataChannels.read(), which opens the window.
    ``announced``
        Whether the other side opened the channel.
    """

    label: str
    protocol: str = ""
    ordered: bool = True
    max_retransmits: int | None = None
    max_packet_life_time: int | None = None
    negotiated: bool = False
    id: int | None = None
    announced: bool = False
    state: DataChannelState = DataChannelState.CONNECTING
    buffered_amount: int = 0
    buffered_amount_low_threshold: int = 0
    inbox: deque[str | bytes] = field(default_factory=deque)

    lifetime: float | None = None
    """``max_packet_life_time`` in seconds, as SCTP wants it."""
    reliable: bool = True
    """Whether no message is ever given up."""
    unsent: int = 0
    """Bytes the association holds for the channel, with those that are no message's."""
    released: int = 0
    """All bytes that ever left the association."""
    extra: list[tuple[int, int]] = field(default_factory=list)
    """Bytes not sent yet that are no message's: ``released`` once they are sent, and their size."""
    extra_unsent: int = 0
    """The sum of the sizes in ``extra``."""
    outgoing_closed: bool = False
    incoming_closed: bool = False
    closed_here: bool = False
    """Whether this side began to close the channel."""
    window_released: bool = False
    """Whether the unread messages no longer count against the receive window."""

    messages_sent: int = 0
    bytes_sent: int = 0
    """Bytes of the messages given to :meth:`DataChannels.send`; text counts as UTF-8."""
    messages_received: int = 0
    bytes_received: int = 0
    """Bytes that arrived as messages, read or not."""

    def __post_init__(self) -> None:
        if self.max_packet_life_time is not None:
            self.lifetime = self.max_packet_life_time / 1000
        self.reliable = self.lifetime is None and self.max_retransmits is None

    @classmethod
    def from_open_message(cls, message: DataChannelOpen, stream: int) -> Self:
        """Return the channel that the other side opened with a DCEP message."""
        return cls(
            label=message.label,
            protocol=message.protocol,
            ordered=message.ordered,
            max_retransmits=message.max_retransmits,
            max_packet_life_time=message.max_packet_life_time,
            id=stream,
            announced=True,
            state=DataChannelState.OPEN,
        )

    def open_message(self) -> DataChannelOpen:
        """Return the DCEP message that opens this channel on the other side."""
        return DataChannelOpen(
            label=self.label,
            protocol=self.protocol,
            ordered=self.ordered,
            max_retransmits=self.max_retransmits,
            max_packet_life_time=self.max_packet_life_time,
        )

    def not_open_error(self) -> InvalidStateError | ChannelClosed:
        """Return the error for sending on a channel that is not open."""
        if self.state is DataChannelState.CONNECTING:
            return InvalidStateError("the data channel is connecting; wait until it is open")
        return ChannelClosed(f"the data channel is {self.state}")

    def count_received(self, count: int, size: int) -> None:
        """Count messages that arrived, and the bytes of all of them."""
        self.messages_received += count
        self.bytes_received += size

    def queue_extra(self, size: int) -> None:
        """Count bytes given to the association that are no message's."""
        self.unsent += size
        self.extra.append((self.released + self.unsent, size))
        self.extra_unsent += size

    def release(self, size: int) -> bool:
        """Count bytes that were sent; True when this took the buffer down to the threshold."""
        before = self.buffered_amount
        self.released += size
        self.unsent = max(0, self.unsent - size)
        if self.extra:
            while self.extra and self.extra[0][0] <= self.released:
                self.extra_unsent -= self.extra.pop(0)[1]
            self.buffered_amount = min(before, max(0, self.unsent - self.extra_unsent))
        else:
            self.buffered_amount = self.unsent
        return self.buffered_amount <= self.buffered_amount_low_threshold < before
