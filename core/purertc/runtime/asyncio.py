"""Any asyncio loop: the standard ones, uvloop, Qt's."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar, TypeVarTuple

from purertc.errors import RuntimeUnavailable
from purertc.runtime import asyncio_tcp
from purertc.runtime.base import (
    Event,
    HostNetwork,
    TaskHandle,
    TcpListener,
    TcpStream,
    Timer,
    UdpSocket,
)
from purertc.runtime.datagram_transport import TransportUdpSocket
from purertc.runtime.resolving import addresses_of, name_errors, numeric_addresses
from purertc.runtime.udp import UdpEndpoint
from purertc.sansio.types import Address, Datagram, Transmit

__all__ = ["AsyncioRuntime"]

ResultT = TypeVar("ResultT")
Arguments = TypeVarTuple("Arguments")

_running: set[asyncio.Task[None]] = set()
"""asyncio refers to its tasks weakly; this keeps ours until they end."""


class AsyncioRuntime:
    """Runs a connection on an asyncio loop: the given one, or the one running at first use."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop_or_none = loop
        self._clock: Callable[[], float] | None = None

    @property
    def name(self) -> str:
        """``"asyncio"``."""
        return "asyncio"

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        if self._loop_or_none is None:
            try:
                self._loop_or_none = asyncio.get_running_loop()
            except RuntimeError:
                raise RuntimeUnavailable(
                    "no asyncio loop is running here; call this from a coroutine"
                ) from None
        return self._loop_or_none

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop. Raises RuntimeUnavailable where none was given and none runs."""
        return self._loop

    @property
    def network(self) -> HostNetwork | None:
        """The network of a loop that brings its own, as a simulation does."""
        return getattr(self._loop, "purertc_network", None)

    def now(self) -> float:
        """Return the loop's clock."""
        if self._clock is None:
            self._clock = _clock_of(self._loop)
        return self._clock()

    def spawn(self, coroutine: Coroutine[Any, Any, None], *, name: str) -> TaskHandle:
        """Start a task; also where tasks are eager it begins in the next turn of the loop."""
        task = asyncio.Task(coroutine, loop=self._loop, name=name)
        _running.add(task)
        task.add_done_callback(_running.discard)
        return task

    def new_event(self) -> Event:
        """Return an event that is not set."""
        return _Event(self._loop)

    def new_timer(self, callback: Callable[[], None]) -> Timer:
        """Return a timer that is not scheduled."""
        return _Timer(self._loop, self.now, callback)

    def run_threadsafe(self, callback: Callable[[], None]) -> bool:
        """Call ``callback`` in the loop; False when the loop is closed."""
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:
            return False
        return True

    def wrap_udp_socket(
        self,
        sock: socket.socket,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> UdpSocket:
        """Watch a bound UDP socket, or have the loop read it where that cannot be watched."""
        try:
            return _UdpSocket(self._loop, sock, on_datagrams, on_writable, on_error)
        except NotImplementedError:
            return TransportUdpSocket(self._loop, sock, on_datagrams, on_writable, on_error)

    async def connect_tcp(self, address: Address, *, local_host: str | None = None) -> TcpStream:
        """Connect to a numeric address. Raises OSError."""
        return await asyncio_tcp.connect(self._loop, address, local_host)

    async def serve_tcp(
        self, address: Address, on_stream: Callable[[TcpStream], None]
    ) -> TcpListener:
        """Listen on a numeric address. Raises OSError."""
        return await asyncio_tcp.serve(self._loop, address, on_stream)

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Return the addresses of a host. Raises OSError."""
        found = numeric_addresses(host, port)
        if found:
            return found
        with name_errors(host):
            return addresses_of(await self._loop.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    async def run_in_thread(
        self, function: Callable[[*Arguments], ResultT], *arguments: *Arguments
    ) -> ResultT:
        """Call a function that blocks in the loop's default executor."""
        call = partial(copy_context().run, function, *arguments)
        return await self._loop.run_in_executor(None, call)


def _clock_of(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """Return what ``loop.time`` reads, without the detour where that is the monotonic clock.

    uvloop's reads the same clock, but only once a turn and in milliseconds, which is too coarse
    for round-trip times.
    """
    kind = type(loop)
    standard = getattr(kind, "time", None) is asyncio.BaseEventLoop.time
    return time.monotonic if standard or kind.__module__.startswith("uvloop") else loop.time


class _Event:
    """An asyncio.Event that is never cleared, without its lock and its queue."""

    __slots__ = ("_is_set", "_loop", "_waiters")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._is_set = False
        self._waiters: list[asyncio.Future[None]] = []

    def set(self) -> None:
        self._is_set = True
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def is_set(self) -> bool:
        return self._is_set

    async def wait(self) -> None:
        if self._is_set:
            return
        waiter = self._loop.create_future()
        self._waiters.append(waiter)
        try:
            await waiter
        finally:
            self._waiters.remove(waiter)


class _Timer:
    __slots__ = ("_callback", "_handle", "_loop", "_now")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        now: Callable[[], float],
        callback: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._now = now
        self._callback: Callable[[], None] | None = callback
        self._handle: asyncio.Handle | None = None

    def schedule(self, deadline: float) -> None:
        self.cancel()
        if self._callback is None:
            return
        if deadline <= self._now():
            self._handle = self._loop.call_soon(self._fire)
        else:
            self._handle = self._loop.call_at(deadline, self._fire)

    def cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def close(self) -> None:
        self.cancel()
        self._callback = None

    def _fire(self) -> None:
        self._handle = None
        if self._callback is not None:
            self._callback()


class _UdpSocket:
    __slots__ = ("_endpoint", "_loop", "_on_datagrams", "_on_error", "_on_writable")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> None:
        self._loop = loop
        self._on_datagrams: Callable[[list[Datagram]], None] | None = on_datagrams
        self._on_writable: Callable[[], None] | None = on_writable
        self._on_error: Callable[[OSError], None] | None = on_error
        loop.add_reader(sock.fileno(), self._readable)
        self._endpoint = UdpEndpoint(sock)
        self._endpoint.on_unroutable = on_error

    @property
    def local(self) -> Address:
        return self._endpoint.local

    def send(self, transmit: Transmit) -> bool:
        if self._endpoint.send(transmit):
            return True
        self._loop.add_writer(self._endpoint.fileno(), self._writable)
        return False

    def close(self) -> None:
        self._on_datagrams = self._on_writable = self._on_error = None
        descriptor = self._endpoint.fileno()
        if descriptor >= 0 and not self._loop.is_closed():
            self._loop.remove_reader(descriptor)
            self._loop.remove_writer(descriptor)
        self._endpoint.close()

    def _readable(self) -> None:
        try:
            datagrams = self._endpoint.receive()
        except OSError as error:
            self._loop.remove_reader(self._endpoint.fileno())
            if self._on_error is not None:
                self._on_error(error)
            return
        if datagrams and self._on_datagrams is not None:
            self._on_datagrams(datagrams)

    def _writable(self) -> None:
        self._loop.remove_writer(self._endpoint.fileno())
        if self._on_writable is not None:
            self._on_writable()
