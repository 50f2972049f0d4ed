"""Trio: all tasks of a connection run in one nursery and end before the nursery does."""

import errno
import logging
import math
import socket
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar, TypeVarTuple

import trio

from purertc.errors import RuntimeUnavailable
from purertc.runtime import tcp
from purertc.runtime.base import (
    Event,
    TaskHandle,
    TcpListener,
    TcpStream,
    Timer,
    UdpSocket,
)
from purertc.runtime.resolving import addresses_of, name_errors
from purertc.runtime.trio_tcp import SocketWatch
from purertc.runtime.udp import UdpEndpoint
from purertc.sansio.types import Address, Datagram, Transmit

__all__ = ["TrioRuntime"]

_logger = logging.getLogger("purertc.runtime")

ResultT = TypeVar("ResultT")
Arguments = TypeVarTuple("Arguments")

_Start = Callable[[Callable[[], Awaitable[None]], str], None]

_NO_NURSERY = (
    "under trio a connection needs a nursery for its tasks: write 'async with PeerConnection(...)"
    " as pc:' before the first call, or pass runtime=TrioRuntime(nursery)"
)


class TrioRuntime:
    """Runs a connection in a nursery of trio.

    Without ``nursery`` the connection opens its own one: ``async with PeerConnection(...)`` enters
    the runtime and leaves it when the connection is closed and its handlers have ended. Such a
    runtime serves one connection. With ``nursery`` the tasks run in that one, the connection may
    be used without ``async with``, and several connections may share the runtime; each must be
    closed before the nursery can end. A nursery that is cancelled closes its connections.
    """

    def __init__(self, nursery: trio.Nursery | None = None) -> None:
        self._nursery = nursery
        self._is_given = nursery is not None
        self._manager: AbstractAsyncContextManager[trio.Nursery] | None = None
        self._token = _current_token() if nursery is not None else None

    @property
    def name(self) -> str:
        """``"trio"``."""
        return "trio"

    async def __aenter__(self) -> Self:
        """Open the nursery, unless one was given. Raises RuntimeUnavailable the second time."""
        if self._is_given:
            return self
        if self._nursery is not None:
            raise RuntimeUnavailable(
                "this TrioRuntime has its connection; make one for each, or give them"
                " TrioRuntime(nursery)"
            )
        self._token = _current_token()
        self._manager = trio.open_nursery()
        self._nursery = await self._manager.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Cancel the tasks that are left and wait until they have ended.

        ``error`` passes as it is, not in a group.
        """
        manager, self._manager = self._manager, None
        if manager is None or self._nursery is None:
            return
        self._nursery.cancel_scope.cancel()
        await manager.__aexit__(None, None, None)
        if error is None:
            await trio.lowlevel.checkpoint_if_cancelled()

    def now(self) -> float:
        """Return trio's clock. Raises RuntimeUnavailable when there is no nursery yet."""
        if self._nursery is None:
            raise RuntimeUnavailable(_NO_NURSERY)
        return trio.current_time()

    def spawn(self, coroutine: Coroutine[Any, Any, None], *, name: str) -> TaskHandle:
        """Start a task in the nursery. Raises RuntimeUnavailable when that has ended."""
        task = _Task()
        try:
            self._start(partial(task.run, coroutine), name)
        except RuntimeUnavailable:
            coroutine.close()
            raise
        return task

    def new_event(self) -> Event:
        """Return an event that is not set."""
        return trio.Event()

    def new_timer(self, callback: Callable[[], None]) -> Timer:
        """Return a timer that is not scheduled."""
        return _Timer(self._start, callback)

    def run_threadsafe(self, callback: Callable[[], None]) -> bool:
        """Call ``callback`` in the loop; False when trio has ended."""
        if self._token is None:
            return False
        try:
            self._token.run_sync_soon(partial(_call, callback))
        except trio.RunFinishedError:
            return False
        return True

    def wrap_udp_socket(
        self,
        sock: socket.socket,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> UdpSocket:
        """Watch a bound UDP socket. Raises RuntimeUnavailable when the nursery has ended."""
        watched = _UdpSocket(self._start, sock, on_datagrams, on_writable, on_error)
        watched.tells_of_cancellation = self._is_given
        try:
            watched.start()
        except RuntimeUnavailable:
            watched.close()
            raise
        return watched

    async def connect_tcp(self, address: Address, *, local_host: str | None = None) -> TcpStream:
        """Connect to a numeric address, in the caller's own task. Raises OSError."""
        sock = tcp.new_socket(address, local_host)
        return await tcp.connect(sock, SocketWatch(sock), address)

    async def serve_tcp(
        self, address: Address, on_stream: Callable[[TcpStream], None]
    ) -> TcpListener:
        """Listen on a numeric address. Raises OSError."""
        sock = tcp.new_listening_socket(address)
        listener = tcp.WatchedTcpListener(sock, SocketWatch, on_stream)
        try:
            self._start(listener.accept_all, "purertc listener")
        except RuntimeUnavailable:
            listener.close()
            raise
        return listener

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Return the addresses of a host. Raises OSError."""
        with name_errors(host):
            try:
                answers = await trio.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except socket.gaierror as error:
                # Trio's frames, to which its traceback refers, refer to what a thread raised.
                raise error.with_traceback(None)  # noqa: B904  # it is the same error
            return addresses_of(answers)

    async def run_in_thread(
        self, function: Callable[[*Arguments], ResultT], *arguments: *Arguments
    ) -> ResultT:
        """Call a function that blocks in a worker thread of trio."""
        return await trio.to_thread.run_sync(function, *arguments, abandon_on_cancel=True)

    def _start(self, body: Callable[[], Awaitable[None]], name: str) -> None:
        if self._nursery is None:
            raise RuntimeUnavailable(_NO_NURSERY)
        try:
            self._nursery.start_soon(_until_cancelled, body, name=name)
        except RuntimeError as error:
            raise RuntimeUnavailable(
                "the connection's nursery has ended, so nothing can be started in it"
            ) from error


def _current_token() -> trio.lowlevel.TrioToken:
    try:
        return trio.lowlevel.current_trio_token()
    except RuntimeError:
        raise RuntimeUnavailable("trio is not running here; call this from a coroutine") from None


async def _until_cancelled(body: Callable[[], Awaitable[None]]) -> None:
    """Run a task's body. Who waits for the nursery is told of its cancellation without us."""
    try:
        await body()
    except* trio.Cancelled:
        _logger.debug("a task was cancelled with its nursery")


def _call(callback: Callable[..., None], *arguments: object) -> None:
    """Call one of the connection's functions; a fault in it must not end the program's nursery."""
    try:
        callback(*arguments)
    except Exception:
        _logger.exception("a callback raised")


class _Task:
    __slots__ = ("_done", "_scope", "_task")

    def __init__(self) -> None:
        self._done = False
        self._scope = trio.CancelScope()
        self._task: trio.lowlevel.Task | None = None

    def cancel(self) -> None:
        self._scope.cancel()

    def cancelling(self) -> int:
        """Count its own scope, and when the task itself asks also those around it."""
        if self._done:
            return 0
        if self._scope.cancel_called:
            return 1
        asks_itself = trio.lowlevel.in_trio_task() and trio.lowlevel.current_task() is self._task
        return int(asks_itself and trio.current_effective_deadline() == -math.inf)

    def done(self) -> bool:
        return self._done

    async def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._task = trio.lowlevel.current_task()
        try:
            with self._scope:
                await coroutine
        finally:
            self._done = True
            self._task = None


class _Timer:
    """A task that sleeps in a cancel scope; moving the timer moves the scope's deadline."""

    __slots__ = ("_callback", "_deadline", "_scope")

    def __init__(self, start: _Start, callback: Callable[[], None]) -> None:
        self._callback: Callable[[], None] | None = callback
        self._deadline = math.inf
        self._scope: trio.CancelScope | None = None
        start(self._run, "purertc timer")

    def schedule(self, deadline: float) -> None:
        if self._callback is not None:
            self._move(deadline)

    def cancel(self) -> None:
        self._move(math.inf)

    def close(self) -> None:
        self._callback = None
        self.cancel()
        if self._scope is not None:
            self._scope.cancel()

    def _move(self, deadline: float) -> None:
        self._deadline = deadline
        if self._scope is not None:
            self._scope.deadline = deadline

    async def _run(self) -> None:
        while self._callback is not None:
            with trio.CancelScope(deadline=self._deadline) as self._scope:
                await trio.sleep_forever()
            self._scope = None
            if self._callback is not None and self._deadline <= trio.current_time():
                self._deadline = math.inf
                _call(self._callback)


class _UdpSocket:
    """A task that waits until the socket can be read, and another one while it has no room."""

    __slots__ = (
        "_endpoint",
        "_on_datagrams",
        "_on_error",
        "_on_writable",
        "_start",
        "_waits_for_room",
        "tells_of_cancellation",
    )

    def __init__(
        self,
        start: _Start,
        sock: socket.socket,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> None:
        self._start = start
        self._endpoint = UdpEndpoint(sock)
        self._endpoint.on_unroutable = on_error
        self._on_datagrams: Callable[[list[Datagram]], None] | None = on_datagrams
        self._on_writable: Callable[[], None] | None = on_writable
        self._on_error: Callable[[OSError], None] | None = on_error
        self._waits_for_room = False
        self.tells_of_cancellation = False
        """Whether nobody but this socket notices that its nursery was cancelled."""

    @property
    def local(self) -> Address:
        return self._endpoint.local

    def start(self) -> None:
        """Begin to watch."""
        self._start(self._read, "purertc socket")

    def send(self, transmit: Transmit) -> bool:
        if self._endpoint.send(transmit):
            return True
        if not self._waits_for_room:
            self._waits_for_room = True
            self._start(self._wait_for_room, "purertc socket without room")
        return False

    def close(self) -> None:
        self._on_datagrams = self._on_writable = self._on_error = None
        if self._endpoint.fileno() >= 0:
            # Once trio has ended nobody waits, and there is nobody to tell.
            with suppress(RuntimeError):
                trio.lowlevel.notify_closing(self._endpoint.fileno())
        self._endpoint.close()

    async def _read(self) -> None:
        try:
            while self._on_datagrams is not None:
                await trio.lowlevel.wait_readable(self._endpoint.fileno())
                datagrams = self._endpoint.receive()
                if datagrams and self._on_datagrams is not None:
                    _call(self._on_datagrams, datagrams)
        except trio.ClosedResourceError:
            return
        except OSError as error:
            self._fail(error)
        except trio.Cancelled:
            if self.tells_of_cancellation:
                self._fail(OSError(errno.ECANCELED, "its nursery was cancelled"))
            raise

    def _fail(self, error: OSError) -> None:
        if self._on_error is not None:
            _call(self._on_error, error)

    async def _wait_for_room(self) -> None:
        if self._on_writable is None:
            return
        try:
            await trio.lowlevel.wait_writable(self._endpoint.fileno())
        except (trio.ClosedResourceError, OSError):
            return
        finally:
            self._waits_for_room = False
        if self._on_writable is not None:
            _call(self._on_writable)
