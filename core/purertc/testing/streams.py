"""Stream connections of asyncio between simulated hosts: reliable, in order, in memory."""

import asyncio
import errno
import os
from collections.abc import Callable, Iterable, Sequence
from contextvars import copy_context
from functools import partial
from typing import Any

from purertc.sansio.types import Address
from purertc.testing.host import SimulatedHost

__all__ = ["SimulatedServer", "SimulatedStreamTransport", "connect", "route"]

_HIGH_WATER = 65536

ProtocolFactory = Callable[[], asyncio.BaseProtocol]


class _Wire:
    """One direction of a connection. What is sent waits for a cut in the network to heal."""

    def __init__(
        self, source: SimulatedHost, source_address: str, target: SimulatedHost, target_address: str
    ) -> None:
        self._network = source.network
        self._ends = (source, source_address), (target, target_address)
        self._link = None if source is target else self._network.link(source, target)
        self._last_arrival = 0.0

    def send(self, size: int, deliver: Callable[[], None]) -> None:
        """Call ``deliver`` when ``size`` bytes have arrived, after all that was sent before."""
        network = self._network
        if network.is_cut(*self._ends):
            network.when_healed(partial(self.send, size, deliver))
            return
        arrival = network.now if self._link is None else self._link.delay(size, network.now)
        self._last_arrival = max(self._last_arrival, arrival)
        network.clock.schedule(self._last_arrival, deliver)


class SimulatedStreamTransport(asyncio.Transport):
    """One end of a connection."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, wire: _Wire, local: Address, remote: Address
    ) -> None:
        super().__init__({"sockname": local, "peername": remote, "socket": None})
        self._loop = loop
        self._wire = wire
        self._context = copy_context()
        self._protocol: asyncio.Protocol | None = None
        self._peer: SimulatedStreamTransport | None = None
        self._unread: list[Callable[[asyncio.Protocol], None]] = []
        self._in_flight = 0
        self._high_water = _HIGH_WATER
        self._protocol_paused = False
        self._reading = True
        self._wrote_eof = False
        self._closing = False

    def join(self, peer: "SimulatedStreamTransport") -> None:
        """Connect both ends."""
        self._peer, peer._peer = peer, self

    def begin(self, protocol: asyncio.BaseProtocol) -> None:
        """Give the connection to its protocol."""
        assert isinstance(protocol, asyncio.Protocol)  # noqa: S101
        self._protocol = protocol
        self._call(lambda protocol: protocol.connection_made(self))

    # Writing.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes."""
        if self._wrote_eof:
            raise RuntimeError("Cannot call write() after write_eof()")
        if self._closing or not data:
            return
        payload = bytes(data)
        self._in_flight += len(payload)
        self._wire.send(len(payload), partial(self._delivered, payload))
        if self._in_flight > self._high_water and not self._protocol_paused:
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
            self._wire.send(0, self._eof_delivered)

    def can_write_eof(self) -> bool:
        """Return True."""
        return True

    def get_write_buffer_size(self) -> int:
        """Return the bytes that have not arrived yet."""
        return self._in_flight

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return the marks between which the protocol is paused."""
        return self._high_water // 4, self._high_water

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set the mark above which the protocol is paused; the low one is a quarter of it."""
        self._high_water = _HIGH_WATER if high is None else max(high, low or 0)

    def _delivered(self, payload: bytes) -> None:
        self._in_flight -= len(payload)
        if self._protocol_paused and self._in_flight <= self._high_water // 4:
            self._protocol_paused = False
            self._call(lambda protocol: protocol.resume_writing())
        if self._peer is None or self._peer._is_gone:
            self._lose(ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)))
            return
        self._peer._receive(lambda protocol: protocol.data_received(payload))

    def _eof_delivered(self) -> None:
        if self._peer is not None:
            self._peer._receive(self._peer._tell_eof)

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

    def _tell_eof(self, protocol: asyncio.Protocol) -> None:
        if not protocol.eof_received():
            self.close()

    # The end.

    @property
    def _is_gone(self) -> bool:
        return self._closing

    def is_closing(self) -> bool:
        """Whether it is closing or closed."""
        return self._closing

    def close(self) -> None:
        """Send what was written, then the end."""
        if not self._closing:
            self.write_eof()
            self._lose(None)

    def abort(self) -> None:
        """Close at once; the other side's connection is reset."""
        if not self._closing:
            reset = ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
            if self._peer is not None:
                self._wire.send(0, partial(self._peer._lose, reset))
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

    def accept(self, make: Callable[[], SimulatedStreamTransport]) -> SimulatedStreamTransport:
        """Take a connection, in the context in which the server was made."""
        transport = self._context.copy().run(make)
        transport.begin(self._factory())
        return transport

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


def route(origin: SimulatedHost, destination: str) -> tuple[SimulatedHost, Address]:
    """Return the host at ``destination`` and the local address of a connection to it.

    Raises OSError when it cannot be reached.
    """
    target = origin.network.locate(origin, destination)
    if target is None:
        raise OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
    return target, origin.stream_source(destination)


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
    origin, target = ends
    there = _Wire(origin, local[0], target, remote[0])
    back = _Wire(target, remote[0], origin, local[0])
    transport = SimulatedStreamTransport(loop, there, local, remote)
    answer: asyncio.Future[None] = loop.create_future()

    def arrive() -> None:
        listener = target.listener_at(remote)
        if listener is not None and not answer.done():
            make = partial(SimulatedStreamTransport, loop, back, remote, local)
            transport.join(listener.accept(make))
        back.send(0, partial(_conclude, answer, listener is not None))

    there.send(0, arrive)
    await answer
    protocol = factory()
    transport.begin(protocol)
    await asyncio.sleep(0)
    return transport, protocol


def _conclude(answer: asyncio.Future[None], accepted: bool) -> None:
    if answer.done():
        return
    if accepted:
        answer.set_result(None)
    else:
        answer.set_exception(
            ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        )
