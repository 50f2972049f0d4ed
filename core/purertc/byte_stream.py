"""A data channel as a stream of bytes, for protocols that have their own framing."""

from typing import TYPE_CHECKING, Self

from purertc.errors import ArgumentError, ChannelClosed

if TYPE_CHECKING:
    from purertc.data_channel import DataChannel

__all__ = ["ByteStream"]

_PIECE = 16384
"""Bytes to a message: every implementation takes as much (RFC 8831 section 6.6)."""


class ByteStream:
    """The bytes of an ordered, reliable channel, without message boundaries.

    Made by :meth:`DataChannel.stream`; it has the methods of trio's streams. Text that arrives
    counts as its UTF-8 form.
    """

    def __init__(self, channel: "DataChannel") -> None:
        self._channel = channel
        self._rest = b""
        self._position = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return at least one byte and at most ``max_bytes``; ``b""`` at the end.

        Cancelling it loses nothing. Raises BusyError when another task is reading.
        """
        if max_bytes is not None and max_bytes < 1:
            raise ArgumentError("max_bytes must be positive")
        while self._position >= len(self._rest):
            try:
                message = await self._channel._receive()
            except ChannelClosed:
                return b""
            self._rest = message.encode() if isinstance(message, str) else message
            self._position = 0
        end = None if max_bytes is None else self._position + max_bytes
        data = self._rest[self._position : end]
        self._position += len(data)
        return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all bytes, waiting for room. Raises ChannelClosed.

        Cancelled, a part of the data may have been sent.
        """
        view = memoryview(data).cast("B")
        for start in range(0, len(view), _PIECE):
            await self._channel.send(bytes(view[start : start + _PIECE]))

    async def aclose(self) -> None:
        """Close the channel: what was sent still arrives."""
        await self._channel.close()
