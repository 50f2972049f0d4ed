"""What purertc asks of an event loop: whatever touches the reactor, and nothing else.

A runtime belongs to one connection and to the thread of its loop. To bring another loop,
implement :class:`Runtime` and give it to the connection; no class of purertc has to be
subclassed.
"""

import socket
from collections.abc import Callable, Coroutine, Iterable, Sequence
from types import TracebackType
from typing import Any, Protocol, TypeVar, TypeVarTuple, runtime_checkable

from purertc.runtime.interface_address import InterfaceAddress
from purertc.sansio.types import Address, Datagram, Transmit

__all__ = [
    "Event",
    "HasLocalNames",
    "HasLoop",
    "HasNetwork",
    "HasScope",
    "HostNetwork",
    "Runtime",
    "ServesTcp",
    "TaskHandle",
    "TcpListener",
    "TcpStream",
    "Timer",
    "UdpSocket",
]

ResultT = TypeVar("ResultT")
Arguments = TypeVarTuple("Arguments")


class TaskHandle(Protocol):
    """A coroutine that the loop runs."""

    def cancel(self) -> object:
        """Throw the loop's cancellation into the coroutine; no effect once it has ended."""

    def cancelling(self) -> int:
        """Whether, or how often, somebody asked to cancel a coroutine that has not ended."""

    def done(self) -> bool:
        """Whether the coroutine has ended."""


class Event(Protocol):
    """A flag that is set once; it is never cleared."""

    def set(self) -> None:
        """Wake everyone who waits, now and later."""

    def is_set(self) -> bool:
        """Whether :meth:`set` was called."""

    async def wait(self) -> object:
        """Wait until the flag is set. Cancelling one waiter leaves the others alone."""


class Timer(Protocol):
    """Calls one function at a time that can be moved."""

    def schedule(self, deadline: float) -> None:
        """Call the function once at ``deadline``, in seconds of :meth:`Runtime.now`.

        It replaces an earlier deadline. A deadline that has passed means the next turn of the
        loop; the function is never called from here.
        """

    def cancel(self) -> None:
        """Do not call the function, unless it is scheduled again."""

    def close(self) -> None:
        """Cancel for good and forget the function."""


class UdpSocket(Protocol):
    """A bound UDP socket that the loop watches."""

    @property
    def local(self) -> Address:
        """The address it is bound to."""

    def send(self, transmit: Transmit) -> bool:
        """Send one datagram, or a run of them; False when the socket has no room.

        After False, ``transmit.payload`` holds what is still to be sent; the caller keeps it and
        tries again when ``on_writable`` is called. What the network refuses (an unreachable
        host, a firewall) is lost as a datagram may be, and counts as sent. What is too large for
        ``transmit.fragmentation`` or as a segment is refused in ``transmit.verdict``.
        """

    def close(self) -> None:
        """Stop watching, close the socket and forget the callbacks."""


class TcpStream(Protocol):
    """A TCP connection. One task may receive while another one sends.

    Every error of the connection is an OSError. After :meth:`close` both coroutines raise one
    too, also in tasks that wait. A second task that receives, or sends, at the same time gets
    InvalidStateError.
    """

    @property
    def local(self) -> Address:
        """The address on this side."""

    @property
    def remote(self) -> Address:
        """The address on the other side."""

    async def receive_some(self, max_bytes: int = 65536) -> bytes:
        """Return from 1 to ``max_bytes`` bytes, or ``b""`` when the other side sends no more.

        Cancelling loses nothing. Raises ArgumentError when ``max_bytes`` is less than 1.
        """

    async def send_all(self, data: bytes) -> None:
        """Send everything; wait while the other side is slow. Cancelling may leave a part sent."""

    def close(self) -> None:
        """Close the connection; what was sent still arrives. A second call does nothing."""


class TcpListener(Protocol):
    """A listening TCP socket."""

    @property
    def local(self) -> Address:
        """The address it listens on."""

    def close(self) -> None:
        """Accept nothing more; what was accepted lives on. A second call does nothing."""


class Runtime(Protocol):
    """An event loop as purertc sees it.

    :class:`HasLoop`, :class:`HasNetwork`, :class:`HasScope` and :class:`ServesTcp` are what it
    may have besides.
    """

    @property
    def name(self) -> str:
        """What to call it in a message, such as ``"asyncio"``."""

    def now(self) -> float:
        """Return the loop's monotonic clock in seconds."""

    def spawn(self, coroutine: Coroutine[Any, Any, None], *, name: str) -> TaskHandle:
        """Run a coroutine by itself and keep it alive until it ends.

        It starts after this call returned, in the order of the calls where the loop has one.
        """

    def new_event(self) -> Event:
        """Return an event that is not set."""

    def new_timer(self, callback: Callable[[], None]) -> Timer:
        """Return a timer that is not scheduled."""

    def run_threadsafe(self, callback: Callable[[], None]) -> bool:
        """Call ``callback`` in a coming turn of the loop; any thread may ask.

        Returns False when the loop has ended and will not call it.
        """

    def wrap_udp_socket(
        self,
        sock: socket.socket,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> UdpSocket:
        """Watch a bound UDP socket and own it from now on.

        ``on_datagrams`` gets what one turn of the loop could read. ``on_writable`` is called
        once after each :meth:`UdpSocket.send` that returned False. ``on_error`` says that the
        socket can no longer be read; with ``errno.ECANCELED`` it says that the loop will run
        nothing more for this connection, which is then closed. With ``errno.ENETUNREACH`` it may
        say, from within :meth:`UdpSocket.send`, that a datagram found no way out from this
        address; the socket lives on.
        """

    async def connect_tcp(self, address: Address, *, local_host: str | None = None) -> TcpStream:
        """Connect to a numeric address, such as :meth:`resolve` returns.

        ``local_host`` is the numeric host to connect from; None leaves it to the system. Raises
        OSError when that fails. Cancelling leaves no socket open.
        """

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Return the addresses of a host, each once, the resolver's favourite first.

        ``host`` is a name or a numeric address; IPv6 link-local ones have their scope
        (``fe80::1%eth0``). Raises OSError, such as socket.gaierror, when there are none.
        """

    async def run_in_thread(
        self, function: Callable[[*Arguments], ResultT], *arguments: *Arguments
    ) -> ResultT:
        """Call a function that blocks in a worker thread; return or raise what it does.

        It runs in a copy of the caller's context. Cancelling the wait does not stop a function
        that has begun; what it returns or raises is dropped.
        """


class HostNetwork(Protocol):
    """Addresses other than those of this machine, as a simulated host has them."""

    def interface_addresses(self) -> Sequence[InterfaceAddress]:
        """Return the addresses that there are now, also the loopback ones."""

    def bind_udp_socket(self, address: InterfaceAddress, ports: Iterable[int]) -> socket.socket:
        """Return a UDP socket on the first port of ``ports`` that is free; 0 is a free one.

        Raises OSError: EADDRINUSE when all of them are taken.
        """


@runtime_checkable
class HasLocalNames(Protocol):
    """A :class:`HostNetwork` that knows names below ``.local`` without multicast packets."""

    def announce_name(self, name: str, host: str) -> None:
        """Let ``name`` mean ``host`` on the network that the host is in."""

    def withdraw_name(self, name: str, host: str) -> None:
        """Undo :meth:`announce_name`; for an unknown name it does nothing."""

    def find_name(self, name: str) -> Sequence[str]:
        """Return what ``name`` means where the host is; nothing for an unknown one."""


@runtime_checkable
class HasLoop(Protocol):
    """A runtime whose sockets and timers may outlive its connection, as long as the loop runs.

    What connections share, such as multicast DNS, is then shared by all of one loop.
    """

    @property
    def loop(self) -> object:
        """The loop, the same object for each of its runtimes."""


@runtime_checkable
class HasNetwork(Protocol):
    """What a runtime may have beside the methods of :class:`Runtime`."""

    @property
    def network(self) -> HostNetwork | None:
        """Where its connections bind their sockets; None means on this machine."""


@runtime_checkable
class ServesTcp(Protocol):
    """A runtime whose connections can take TCP connections (ICE-TCP passive, RFC 6544)."""

    async def serve_tcp(
        self, address: Address, on_stream: Callable[[TcpStream], None]
    ) -> TcpListener:
        """Listen on a numeric address; port 0 means a free one.

        ``on_stream`` gets each connection, and owns it. It must not raise. Raises OSError when
        the address cannot be had. Cancelling leaves no socket open.
        """


@runtime_checkable
class HasScope(Protocol):
    """A runtime that opens what its tasks run in, and closes it, with the connection."""

    async def __aenter__(self) -> object:
        """Enter; ``async with`` of the connection does it before anything else."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> object:
        """End the tasks that are left, after the connection was closed. ``error`` passes on."""
