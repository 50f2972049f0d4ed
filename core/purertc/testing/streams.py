"""Stream transports and servers of asyncio between simulated hosts."""

import asyncio
import errno
import os
from collections.abc import Callable, Iterable, Sequence
from contextvars import copy_context
from typing import Any

from purertc.sansio.types import Address
from purertc.testing.host import SimulatedHost
from purertc.testing.wire import StreamEnd, refused, request

__all__ = ["SimulatedServer", "SimulatedStreamTransport", "connect"]

_HIGH_WATER = 65536

ProtocolFactory = Callable[[], asyncio.BaseProtocol]


class SimulatedStreamTransport(asyncio.Transport):
    """One end of a connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop, end: StreamEnd) -> None:
        super().__init__({"sockname": end.local, "peername": end.remote, "socket": None})
        self._loop = loop
        self._end = end
        self._context = copy_context()
        self._protocol: asyncio.Protocol | None = None
        self._unread: list[Callable[[asyncio.Protocol], None]] = []
        self._high_water = _HIGH_WATER
        self._protocol_paused = False
        self._reading = True
        self._wrote_eof = False
        self._closing = False

    def begin(self, protocol: asyncio.BaseProtocol) -> None:
        """Give the connection to its protocol."""
        assert isinstance(protocol, asyncio.Protocol)  # noqa: S101
        self._protocol = protocol
        self._end.owner = self
        self._call(lambda protocol: protocol.connection_made(self))

    # Writing.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes."""
        if self._wrote_eof:
            raise RuntimeError("Cannot call write() after write_eof()")
        if self._closing or not data:
            return
        self._end.send(bytes(data))
        if self._end.excess > self._high_water and not self._protocol_paused:
            self._protocol_paused = True
            if self._protocol is not None:
                self._protocol.pause_writing()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send several pieces."""
        self.write(b"".join(list_of_data))

    def write_eof(self) -> None:
        """Tell the other side that no more comes."""
        if not self._wrote_eof:
            self._wrote_eof = True
            self._end.send_end()

    def can_write_eof(self) -> bool:
        """Return True."""
        return True

    def get_write_buffer_size(self) -> int:
        """Return the bytes that the simulated operating system has not taken yet."""
        return self._end.excess

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return the marks between which the protocol is paused."""
        return self._high_water // 4, self._high_water

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set the mark above which the protocol is paused; the low one is a quarter of it."""
        self._high_water = _HIGH_WATER if high is None else max(high, low or 0)

    def room_changed(self) -> None:
        """Let the protocol write again when little is left."""
        if self._protocol_paused and self._end.excess <= self._high_water // 4:
            self._protocol_paused = False
            self._call(lambda protocol: protocol.resume_writing())

    def connection_broke(self, error: OSError) -> None:
        """Tell the protocol."""
        self._lose(error)

    # Reading.

    def is_reading(self) -> bool:
        """Whether the protocol takes data."""
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        """Keep what comes."""
        self._reading = False

    def resume_reading(self) -> None:
        """Hand over what has come."""
        self._reading = True
        unread, self._unread = self._unread, []
        for receive in unread:
            self._call(receive)

    def _receive(self, receive: Callable[[asyncio.Protocol], None]) -> None:
        if self._closing:
            return
        if self._reading:
            self._call(receive)
        else:
            self._unread.append(receive)

    def data_arrived(self, data: bytes) -> None:
        """Hand data to the protocol."""
        self._receive(lambda protocol: protocol.data_received(data))

    def end_arrived(self) -> None:
        """Hand the end to the protocol."""
        self._receive(self._tell_eof)

    def _tell_eof(self, protocol: asyncio.Protocol) -> None:
        if not protocol.eof_received():
            self.close()

    # The end.

    def is_closing(self) -> bool:
        """Whether it is closing or closed."""
        return self._closing

    def close(self) -> None:
        """Send what was written, then the end."""
        if not self._closing:
            self._wrote_eof = True
            self._end.close()
            self._lose(None)

    def abort(self) -> None:
        """Close at once; the other side's connection is reset."""
        if not self._closing:
            self._end.reset()
            self._lose(None)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what comes to another protocol."""
        assert isinstance(protocol, asyncio.Protocol)  # noqa: S101
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol."""
        assert self._protocol is not None  # noqa: S101
        return self._protocol

    def _lose(self, error: Exception | None) -> None:
        if self._closing:
            return
        self._closing = True
        self._unread.clear()
        self._call(lambda protocol: protocol.connection_lost(error))

    def _call(self, call: Callable[[asyncio.Protocol], None]) -> None:
        """Call a method of the protocol in a coming turn, in the context of the connection."""
        self._loop.call_soon(self._call_now, call, context=self._context)

    def _call_now(self, call: Callable[[asyncio.Protocol], None]) -> None:
        if self._protocol is not None:
            call(self._protocol)


class _ListeningSocket:
    """What programs ask of ``server.sockets``."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def getsockname(self) -> Address:
        """Return where the server listens."""
        return self._address


class SimulatedServer(asyncio.AbstractServer):
    """Listens on addresses of one host."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        host: SimulatedHost,
        addresses: Sequence[Address],
        factory: ProtocolFactory,
    ) -> None:
        self._loop = loop
        self._host = host
        self._addresses = list(addresses)
        self._factory = factory
        self._context = copy_context()
        self._closed: asyncio.Future[None] = loop.create_future()
        for address in addresses:
            if address in host.listeners:
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        host.listeners.update(dict.fromkeys(addresses, self))

    @property
    def sockets(self) -> tuple[Any, ...]:
        """One object for each address, with ``getsockname``."""
        return tuple(_ListeningSocket(address) for address in self._addresses)

    def take(self, end: StreamEnd) -> None:
        """Take a connection, in the context in which the server was made."""
        transport = self._context.copy().run(SimulatedStreamTransport, self._loop, end)
        transport.begin(self._factory())

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop."""
        return self._loop

    def is_serving(self) -> bool:
        """Whether it accepts connections."""
        return bool(self._addresses)

    async def start_serving(self) -> None:
        """Nothing is left to do: it serves from the beginning."""

    async def serve_forever(self) -> None:
        """Wait until cancelled, then close."""
        try:
            await asyncio.shield(self._closed)
        finally:
            self.close()

    def close(self) -> None:
        """Accept no more connections."""
        for address in self._addresses:
            del self._host.listeners[address]
        self._addresses.clear()
        if not self._closed.done():
            self._closed.set_result(None)

    async def wait_closed(self) -> None:
        """Wait for :meth:`close`."""
        await asyncio.shield(self._closed)


async def connect(
    loop: asyncio.AbstractEventLoop,
    ends: tuple[SimulatedHost, SimulatedHost],
    local: Address,
    remote: Address,
    factory: ProtocolFactory,
) -> tuple[asyncio.Transport, Any]:
    """Connect from one host to a listening address of another; it takes one round trip.

    Raises ConnectionRefusedError when nobody listens.
    """
    answer: asyncio.Future[StreamEnd | None] = loop.create_future()
    transport: SimulatedStreamTransport | None = None
    protocol = None

    def take(end: StreamEnd | None) -> bool:
        nonlocal transport, protocol
        if answer.done():
            return False
        if end is not None:
            transport = SimulatedStreamTransport(loop, end)
            protocol = factory()
            transport.begin(protocol)
        answer.set_result(end)
        return True

    request(ends, local, remote, take)
    try:
        await answer
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        if transport is not None:
            transport.abort()
        raise
    if transport is None:
        raise refused()
    return transport, protocol
