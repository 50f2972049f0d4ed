"""An asyncio event loop on virtual time, for asyncio programs as they are."""

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import Context
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from purertc.errors import ArgumentError
from purertc.runtime.asyncio import AsyncioRuntime
from purertc.runtime.base import TcpListener, TcpStream
from purertc.sansio.types import Address
from purertc.testing import streams
from purertc.testing.ambient import Ambient
from purertc.testing.datagram import SimulatedDatagramTransport
from purertc.testing.host import SimulatedHost, is_v6
from purertc.testing.names import look_up
from purertc.testing.network import SimulatedNetwork
from purertc.testing.runtime import DAY
from purertc.testing.selector import VirtualSelector
from purertc.testing.udp import SimulatedSocket
from purertc.testing.wire import route

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike, StrPath

__all__ = ["HostRuntime", "VirtualLoop"]

ResultT = TypeVar("ResultT")
Arguments = TypeVarTuple("Arguments")

_RESOLUTION = 1e-9
_ANY = ("0.0.0.0", "::")  # noqa: S104  # simulated


class HostRuntime(AsyncioRuntime):
    """Runs a connection of a :class:`VirtualLoop` on one simulated host."""

    def __init__(self, loop: "VirtualLoop", host: SimulatedHost) -> None:
        super().__init__(loop)
        self._host = host

    @property
    def network(self) -> SimulatedHost:
        """The host."""
        return self._host

    async def connect_tcp(self, address: Address, *, local_host: str | None = None) -> TcpStream:
        """Connect from the host. Raises OSError."""
        with self._host.active():
            return await super().connect_tcp(address, local_host=local_host)

    async def serve_tcp(
        self, address: Address, on_stream: Callable[[TcpStream], None]
    ) -> TcpListener:
        """Listen on the host. Raises OSError."""
        with self._host.active():
            return await super().serve_tcp(address, on_stream)


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs unmodified asyncio programs; time jumps to the next timer when nothing is ready.

    Datagram endpoints, servers and connections are those of ``network``, on the active host
    (:meth:`SimulatedHost.active`). While the loop runs, its thread sees the simulation's clock,
    randomness and interfaces (:class:`Ambient`). Jobs of ``run_in_executor`` run in real
    threads, by default one after the other, for which virtual time waits.

    Files, pipes, signals, subprocesses and TLS are not simulated: asyncio's methods for them
    raise NotImplementedError. The loop raises StuckError when nothing can happen any more, or
    not before ``time_limit`` virtual seconds.
    """

    _ready: deque[asyncio.Handle]
    _default_executor: Executor | None

    def __init__(
        self,
        *,
        seed: int = 0,
        network: SimulatedNetwork | None = None,
        time_limit: float = DAY,
    ) -> None:
        super().__init__()
        self.simulated_network = network or SimulatedNetwork(seed=seed)
        self._clock_resolution = _RESOLUTION
        self._ambient = Ambient(self.simulated_network, seed)
        self._selector = VirtualSelector(self.simulated_network.clock, time_limit)
        self._thread_of_loop = threading.get_ident()
        self.set_default_executor(ThreadPoolExecutor(max_workers=1))

    @property
    def turns(self) -> int:
        """How many turns the loop has made so far."""
        return self._selector.turns

    @property
    def purertc_network(self) -> SimulatedHost:
        """The active host, where connections of purertc bind their sockets."""
        return self.simulated_network.current_host()

    def on(self, host: SimulatedHost) -> HostRuntime:
        """Return the runtime for a connection that lives on ``host``."""
        if host.network is not self.simulated_network:
            raise ArgumentError(f"{host.name} belongs to another network")
        return HostRuntime(self, host)

    # Turns and time.

    def time(self) -> float:
        """Return virtual seconds since the start."""
        return self.simulated_network.now

    def run_forever(self) -> None:
        """Run until stopped, in the surroundings of the simulation."""
        self._thread_of_loop = threading.get_ident()
        with self._ambient:
            super().run_forever()

    def close(self) -> None:
        """Close the loop."""
        if not self.is_closed():
            super().close()
            self._selector.close()

    def _process_events(self, event_list: list[asyncio.Handle]) -> None:
        for handle in event_list:
            if not handle.cancelled():
                self._ready.append(handle)

    # Threads.

    def call_soon_threadsafe(
        self,
        callback: Callable[[*Arguments], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Call ``callback`` in a coming turn; one of another thread waits for an idle loop."""
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        if threading.get_ident() == self._thread_of_loop:
            return self.call_soon(callback, *args, context=context)
        handle = asyncio.Handle(callback, args, self, context)
        self._selector.call_from_thread(handle)
        return handle

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*Arguments], ResultT],
        *args: *Arguments,
    ) -> asyncio.Future[ResultT]:
        """Run ``func`` in a thread; virtual time stands still until it has returned."""
        future = super().run_in_executor(executor, func, *args)
        self._selector.busy_threads += 1
        future.add_done_callback(self._job_ended)
        return future

    def _job_ended(self, _: object) -> None:
        self._selector.busy_threads -= 1

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the threads of the default executor, in real time."""
        del timeout
        self._executor_shutdown_called = True
        if self._default_executor is not None:
            self._default_executor.shutdown(wait=True)

    # Sockets.

    def add_reader(
        self, fd: "FileDescriptorLike", callback: Callable[[*Arguments], Any], *args: *Arguments
    ) -> None:
        """Call ``callback`` while a simulated socket has datagrams."""
        handle = asyncio.Handle(callback, args, self, None)
        self._selector.watch(self._socket_of(fd), handle)

    def remove_reader(self, fd: "FileDescriptorLike") -> bool:
        """Stop watching; False when it was not watched."""
        return self._selector.unwatch(_descriptor(fd))

    def add_writer(
        self, fd: "FileDescriptorLike", callback: Callable[[*Arguments], Any], *args: *Arguments
    ) -> None:
        """Call ``callback`` once: a simulated socket can always be written."""
        self._socket_of(fd)
        self.call_soon(callback, *args)

    def remove_writer(self, fd: "FileDescriptorLike") -> bool:
        """Return False: nothing waits to be written."""
        del fd
        return False

    def _socket_of(self, fd: "FileDescriptorLike") -> SimulatedSocket:
        sock = self.simulated_network.sockets.get(_descriptor(fd))
        if sock is None:
            raise NotImplementedError("a VirtualLoop watches sockets of its simulated network only")
        return sock

    async def create_datagram_endpoint(  # type: ignore[override]  # sock is not simulated
        self,
        protocol_factory: Callable[[], Any],
        local_addr: tuple[str, int] | None = None,
        remote_addr: tuple[str, int] | None = None,
        *,
        family: int = 0,
        sock: socket.socket | None = None,
        **_: object,
    ) -> tuple[asyncio.DatagramTransport, Any]:
        """Bind a UDP socket on the active host; ``sock`` cannot be given."""
        if sock is not None:
            raise NotImplementedError("a VirtualLoop makes its sockets itself; pass local_addr")
        remote = None if remote_addr is None else self._resolve(*remote_addr, family)[0]
        if local_addr is None:
            wants_v6 = family == socket.AF_INET6 or (remote is not None and is_v6(remote[0]))
            local = (_ANY[wants_v6], 0)
        else:
            local = self._resolve(*local_addr, family)[0]
        bound = self.purertc_network.bind(*local)
        protocol = protocol_factory()
        transport = SimulatedDatagramTransport(self, bound, protocol, remote)
        started = self.create_future()
        self.call_soon(transport.start)
        self.call_soon(started.set_result, None)
        await started
        return transport, protocol

    def _resolve(self, host: str | None, port: int, family: int = 0) -> list[Address]:
        """Return addresses of a name, IPv4 first. Raises socket.gaierror."""
        hosts = look_up(self.simulated_network, host) if host else list(_ANY)
        hosts = [each for each in hosts if family in (0, _family(each))]
        if not hosts:
            raise socket.gaierror(socket.EAI_NONAME, f"{host!r} has no such address")
        return [(each, port) for each in hosts]

    async def getaddrinfo(  # type: ignore[override]  # the tuples of the standard library
        self,
        host: str | None,
        port: int | None,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> list[tuple[Any, ...]]:
        """Resolve names of simulated hosts, ``localhost`` and numeric addresses."""
        del flags
        return [
            (_family(address[0]), type or socket.SOCK_STREAM, proto, "", address)
            for address in self._resolve(host, int(port or 0), family)
        ]

    # Streams.

    async def create_server(  # type: ignore[override]  # only what is simulated
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        *,
        family: int = 0,
        ssl: object = None,
        sock: object = None,
        **_: object,
    ) -> streams.SimulatedServer:
        """Listen on the active host."""
        _refuse(ssl=ssl, sock=sock)
        machine = self.purertc_network
        names: Iterable[str | None] = [host] if host is None or isinstance(host, str) else host
        port = port or machine.free_port(_ANY[0])
        found = [each for name in names for each in self._resolve(name, port, family)]
        return streams.SimulatedServer(self, machine, found, protocol_factory)

    async def create_connection(
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | None = None,
        port: int | None = None,
        *,
        family: int = 0,
        ssl: object = None,
        sock: object = None,
        local_addr: tuple[str, int] | None = None,
        **_: object,
    ) -> tuple[asyncio.Transport, Any]:
        """Connect from the active host to the first address that accepts."""
        _refuse(ssl=ssl, sock=sock)
        error: OSError | None = None
        for address in self._resolve(host or "localhost", int(port or 0), family):
            try:
                origin = self.purertc_network
                target, local = route(origin, address[0], local_addr and local_addr[0])
                return await streams.connect(
                    self, (origin, target), local, address, protocol_factory
                )
            except OSError as refused:
                error = error or refused
        assert error is not None  # noqa: S101  # _resolve returns at least one address
        raise error

    async def create_unix_server(  # type: ignore[override]  # only what is simulated
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        path: "StrPath" = "",
        **_: object,
    ) -> streams.SimulatedServer:
        """Listen on a path, which exists on the active host only."""
        return streams.SimulatedServer(
            self, self.purertc_network, [(str(path), 0)], protocol_factory
        )

    async def create_unix_connection(  # type: ignore[override]  # only what is simulated
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        path: "StrPath" = "",
        **_: object,
    ) -> tuple[asyncio.Transport, Any]:
        """Connect to a path of the active host."""
        machine = self.purertc_network
        return await streams.connect(
            self, (machine, machine), ("", 0), (str(path), 0), protocol_factory
        )


def _descriptor(fd: "FileDescriptorLike") -> int:
    return fd if isinstance(fd, int) else int(fd.fileno())


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if is_v6(host) else socket.AF_INET


def _refuse(**options: object) -> None:
    for name, value in options.items():
        if value is not None:
            raise NotImplementedError(f"a VirtualLoop does not simulate {name}=")
