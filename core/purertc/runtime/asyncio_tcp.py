"""TCP connections by the transports of asyncio, which every loop has."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from purertc.runtime.resolving import address_of
from purertc.runtime.tcp import OneAtATime, check_size, copy_of, stream_closed
from purertc.sansio.types import Address

__all__ = ["TransportTcpListener", "TransportTcpStream", "connect", "serve"]

_MOST_UNREAD = 256 * 1024
"""Bytes that wait for the reader before the transport is told to stop reading."""


class TransportTcpStream(asyncio.Protocol):
    """A :class:`purertc.runtime.base.TcpStream` that is the protocol of its transport."""

    local: Address
    remote: Address

    def __init__(self, on_connected: "Callable[[TransportTcpStream], None] | None" = None) -> None:
        self._on_connected = on_connected
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._has_ended = False
        self._is_closed = False
        self._error: OSError | None = None
        self._changed = asyncio.Event()
        """Set when there is something to read, or will never be."""
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._receiving = OneAtATime("receiving")
        self._sending = OneAtATime("sending")

    # For the owner.

    async def receive_some(self, max_bytes: int = 65536) -> bytes:
        """Return what has come, or wait for it."""
        check_size(max_bytes)
        with self._receiving:
            await self._changed.wait()
        if self._is_closed:
            raise stream_closed()
        if self._unread:
            return self._take(max_bytes)
        if self._error is not None:
            raise copy_of(self._error)
        return b""

    async def send_all(self, data: bytes) -> None:
        """Wait until the operating system has taken everything."""
        with self._sending:
            transport = self._connected()
            transport.write(data)
            await self._has_room.wait()
            self._connected()

    def close(self) -> None:
        """Close the connection and wake who waits for it."""
        if self._is_closed:
            return
        self._is_closed = True
        self._unread.clear()
        self._changed.set()
        self._has_room.set()
        transport, self._transport = self._transport, None
        if transport is None:
            return
        # A loop that is closed cannot close it any more, and says so when the transport is freed.
        with suppress(RuntimeError):
            # What a cancelled send_all left must not keep the socket open for a peer that never
            # reads.
            if transport.get_write_buffer_size():
                transport.abort()
            else:
                transport.close()

    def _connected(self) -> asyncio.Transport:
        if self._is_closed:
            raise stream_closed()
        if self._error is not None:
            raise copy_of(self._error)
        if self._transport is None:
            raise ConnectionResetError("the connection has ended")
        return self._transport

    def _take(self, max_bytes: int) -> bytes:
        data = bytes(self._unread[:max_bytes])
        del self._unread[:max_bytes]
        if not self._unread and not self._has_ended:
            self._changed.clear()
        if self._transport is not None and len(self._unread) < _MOST_UNREAD:
            self._transport.resume_reading()
        return data

    # For the transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; ``send_all`` is to wait as long as the transport keeps anything."""
        # Not every loop derives its transports from asyncio's class.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=0)
        self.local = address_of(transport.get_extra_info("sockname"))
        self.remote = address_of(transport.get_extra_info("peername"))
        on_connected, self._on_connected = self._on_connected, None
        if on_connected is not None:
            on_connected(self)

    def data_received(self, data: bytes) -> None:
        """Keep what came for the reader."""
        if self._is_closed:
            return
        self._unread += data
        self._changed.set()
        if self._transport is not None and len(self._unread) >= _MOST_UNREAD:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Note the end; sending is still possible."""
        self._has_ended = True
        self._changed.set()
        return True

    def pause_writing(self) -> None:
        """Let ``send_all`` wait."""
        if not self._is_closed:
            self._has_room.clear()

    def resume_writing(self) -> None:
        """Let ``send_all`` go on."""
        self._has_room.set()

    def connection_lost(self, error: Exception | None) -> None:
        """Wake everyone; ``error`` is what they get."""
        self._transport = None
        self._has_ended = True
        if error is not None:
            self._error = copy_of(error) if isinstance(error, OSError) else OSError(str(error))
        self._changed.set()
        self._has_room.set()


class TransportTcpListener:
    """A :class:`purertc.runtime.base.TcpListener` that is a server of the loop."""

    __slots__ = ("_server", "local")

    def __init__(self, server: asyncio.Server) -> None:
        self._server = server
        self.local: Address = address_of(server.sockets[0].getsockname())

    def close(self) -> None:
        """Accept nothing more."""
        # A loop that is closed cannot close it any more.
        with suppress(RuntimeError):
            self._server.close()


async def connect(
    loop: asyncio.AbstractEventLoop, address: Address, local_host: str | None
) -> TransportTcpStream:
    """Connect. Raises OSError."""
    local = None if local_host is None else (local_host, 0)
    stream = TransportTcpStream()
    try:
        await loop.create_connection(lambda: stream, *address, local_addr=local)
    except BaseException:
        # When it is cancelled uvloop's transport closes without telling, and refers to the stream.
        stream.close()
        raise
    return stream


async def serve(
    loop: asyncio.AbstractEventLoop,
    address: Address,
    on_stream: Callable[[TransportTcpStream], None],
) -> TransportTcpListener:
    """Listen. Raises OSError."""

    def new_protocol() -> TransportTcpStream:
        return TransportTcpStream(on_stream)

    host, port = address
    server = await loop.create_server(new_protocol, host, port, start_serving=False)
    try:
        await server.start_serving()
    except BaseException:
        server.close()
        raise
    return TransportTcpListener(server)
