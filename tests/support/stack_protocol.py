"""What a test needs of an implementation of WebRTC data channels, whatever its API."""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["ChannelEnd", "ChannelOptions", "ConnectionEnd", "Message", "Stack"]

Message = str | bytes


@dataclass(frozen=True, slots=True)
class ChannelOptions:
    """Options of ``createDataChannel`` (W3C webrtc-pc section 6.2)."""

    ordered: bool = True
    max_packet_life_time: int | None = None
    max_retransmits: int | None = None
    protocol: str = ""
    negotiated: bool = False
    id: int | None = None


class ChannelEnd(Protocol):
    """One end of a data channel."""

    @property
    def label(self) -> str: ...

    @property
    def id(self) -> int | None: ...

    @property
    def options(self) -> ChannelOptions:
        """What the implementation says of the channel, its id included."""

    @property
    def state(self) -> str: ...

    @property
    def buffered_amount(self) -> int: ...

    def send(self, message: Message) -> None:
        """Queue a message without waiting."""

    def close(self) -> None:
        """Begin to close."""

    async def opened(self) -> None:
        """Wait until it is open."""

    async def closed(self) -> None:
        """Wait until it is closed."""

    async def receive(self) -> Message:
        """Wait for a message."""

    async def receive_many(self, count: int) -> list[Message]:
        """Wait for ``count`` messages."""


class ConnectionEnd(Protocol):
    """One side of a connection. Descriptions are SDP texts with all candidates."""

    @property
    def state(self) -> str:
        """The connection state."""

    def create_channel(self, label: str, options: ChannelOptions) -> ChannelEnd: ...

    def send_on_open(self, channel: ChannelEnd, message: Message) -> None:
        """Send ``message`` in the very moment in which the implementation says "open"."""

    def greet_announced(self, message: Message) -> None:
        """Send ``message`` on each channel of the other side at the moment it is announced."""

    async def announced(self) -> ChannelEnd:
        """Wait for the next channel that the other side opened."""

    async def offer(self) -> str: ...

    async def answer(self, offer: str) -> str: ...

    async def accept(self, answer: str) -> None: ...

    async def connected(self) -> None:
        """Wait until it is connected."""

    async def closed(self) -> None:
        """Wait until it is closed, by whichever side."""

    async def close(self) -> None: ...


class Stack(Protocol):
    """An implementation."""

    @property
    def name(self) -> str: ...

    def create(self) -> ConnectionEnd: ...
