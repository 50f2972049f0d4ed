"""A runtime on virtual time: no event loop, no sockets, one seed for everything that happens."""

import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import Any, TypeVar, TypeVarTuple

from purertc.errors import ArgumentError
from purertc.runtime.base import TcpListener, TcpStream, UdpSocket
from purertc.runtime.detect import running_runtime
from purertc.runtime.udp import UdpEndpoint
from purertc.sansio.types import Address, Datagram, Transmit
from purertc.testing import tcp
from purertc.testing.ambient import Ambient
from purertc.testing.clock import ScheduledCall
from purertc.testing.host import SimulatedHost, numeric
from purertc.testing.names import look_up
from purertc.testing.network import SimulatedNetwork
from purertc.testing.scheduler import Scheduler
from purertc.testing.tasks import TaskCancelled, VirtualEvent, VirtualTask, current_task, suspend
from purertc.testing.tcp import ServingTcpListener, VirtualTcpListener, VirtualTcpStream
from purertc.testing.udp import SimulatedSocket

__all__ = ["DAY", "VirtualRuntime"]

DAY = 86400.0

ResultT = TypeVar("ResultT")
Arguments = TypeVarTuple("Arguments")


class VirtualRuntime:
    """A world of connections and tasks that runs on virtual time.

    ``seed`` decides everything that is random: with the same one a program does the same again.
    With ``shuffle`` it also picks who of those that are ready runs next, so that other seeds
    explore other schedules; without, it is the one that became ready first.

    Inside :meth:`run` connections find it by themselves and live on the active host of
    ``network`` (:meth:`SimulatedHost.active`); ``PeerConnection(runtime=world.on(host))`` puts
    one on a host of your choice. It runs one program.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        network: SimulatedNetwork | None = None,
        shuffle: bool = False,
    ) -> None:
        network = network or SimulatedNetwork(seed=seed)
        self._scheduler = Scheduler(network, seed, shuffle=shuffle)
        self._ambient = Ambient(network, seed)
        self._host: SimulatedHost | None = None

    def on(self, host: SimulatedHost) -> "VirtualRuntime":
        """Return the same world for connections that live on ``host``."""
        if host.network is not self.simulated_network:
            raise ArgumentError(f"{host.name} belongs to another network")
        runtime = VirtualRuntime.__new__(VirtualRuntime)
        runtime._scheduler = self._scheduler
        runtime._ambient = self._ambient
        runtime._host = host
        return runtime

    @property
    def simulated_network(self) -> SimulatedNetwork:
        """The network, with all its hosts."""
        return self._scheduler.network

    @property
    def turns(self) -> int:
        """How many steps of tasks and callbacks have run so far."""
        return self._scheduler.turns

    # For programs.

    def run(
        self,
        main: Callable[[], Coroutine[Any, Any, ResultT]],
        *,
        time_limit: float = DAY,
    ) -> ResultT:
        """Run ``main()`` to its end and return its result; then cancel the tasks that are left.

        Raises what it raises, StuckError when it can never end or is not done after
        ``time_limit`` virtual seconds, and a group of the errors of tasks that nobody joined.
        """
        with self._ambient:
            token = running_runtime.set(self)
            try:
                task = self._scheduler.run(main(), time_limit)
            finally:
                running_runtime.reset(token)
        return task.result()

    def start(
        self, coroutine: Coroutine[Any, Any, ResultT], *, name: str = "task"
    ) -> VirtualTask[ResultT]:
        """Start a task whose result can be had with ``await task.join()``."""
        return self._scheduler.spawn(coroutine, name)

    def listen_tcp(self, address: str, port: int = 0) -> VirtualTcpListener:
        """Listen on an address of the host; port 0 means a free one. Raises OSError when taken."""
        host = self.network
        return VirtualTcpListener(host, (numeric(address), port or host.free_port(address)))

    async def gather(self, *coroutines: Coroutine[Any, Any, ResultT]) -> list[ResultT]:
        """Run coroutines at once and return their results in order.

        When one raises, or the caller is cancelled, the others are cancelled.
        """
        tasks = [self.start(each, name=f"gather {n}") for n, each in enumerate(coroutines)]
        try:
            return [await task.join() for task in tasks]
        finally:
            for task in tasks:
                task.cancel()

    async def sleep(self, seconds: float) -> None:
        """Wait ``seconds`` of virtual time; with 0 let the others run first."""
        await suspend(
            lambda wake: self._scheduler.clock.schedule(self.now() + seconds, wake).cancel
        )

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[None]:
        """Cancel the block after ``seconds`` and raise TimeoutError in its place."""
        task = current_task()
        expired = False

        def expire() -> None:
            nonlocal expired
            expired = True
            task.cancel()

        call = self._scheduler.clock.schedule(self.now() + seconds, expire)
        try:
            yield
        except TaskCancelled:
            if not expired:
                raise
            task.uncancel()
            if task.cancelling():
                raise
            raise TimeoutError from None
        finally:
            call.cancel()

    # For connections: purertc.runtime.base.Runtime.

    @property
    def name(self) -> str:
        """``"virtual"``."""
        return "virtual"

    @property
    def network(self) -> SimulatedHost:
        """The host on which connections bind their sockets."""
        return self._host or self.simulated_network.current_host()

    def now(self) -> float:
        """Return virtual seconds since the start."""
        return self._scheduler.clock.now

    def spawn(self, coroutine: Coroutine[Any, Any, None], *, name: str) -> VirtualTask[None]:
        """Start a task."""
        return self._scheduler.spawn(coroutine, name)

    def new_event(self) -> VirtualEvent:
        """Return an event that is not set."""
        return VirtualEvent()

    def new_timer(self, callback: Callable[[], None]) -> "VirtualTimer":
        """Return a timer that is not scheduled."""
        return VirtualTimer(self._scheduler, callback)

    def run_threadsafe(self, callback: Callable[[], None]) -> bool:
        """Call ``callback`` in a coming turn; False when the program has ended."""
        return self._scheduler.call_from_thread(callback)

    def wrap_udp_socket(
        self,
        sock: socket.socket,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> UdpSocket:
        """Watch a simulated socket. Raises ArgumentError for a real one."""
        del on_writable, on_error  # a simulated socket never refuses and never dies
        if not isinstance(sock, SimulatedSocket):
            raise ArgumentError("a VirtualRuntime watches sockets of its simulated network only")
        return _VirtualUdpSocket(self._scheduler, sock, on_datagrams)

    async def connect_tcp(
        self, address: Address, *, local_host: str | None = None
    ) -> VirtualTcpStream:
        """Connect over the simulated network, in one round trip. Raises OSError."""
        return await tcp.connect(self.network, address, local_host)

    async def serve_tcp(
        self, address: Address, on_stream: Callable[[TcpStream], None]
    ) -> TcpListener:
        """Listen on an address of the host. Raises OSError."""
        context = copy_context()

        def hand_over(stream: VirtualTcpStream) -> None:
            self._scheduler.call_soon(lambda: on_stream(stream), "accept", context)

        host, port = numeric(address[0]), address[1]
        local = (host, port or self.network.free_port(host))
        return ServingTcpListener(self.network, local, hand_over)

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Return the addresses of a simulated host, by its name. Raises socket.gaierror."""
        return [(each, port) for each in look_up(self.simulated_network, host)]

    async def run_in_thread(
        self, function: Callable[[*Arguments], ResultT], *arguments: *Arguments
    ) -> ResultT:
        """Call a function in a real thread, one after the other; virtual time waits for it."""
        return await self._scheduler.run_in_thread(function, *arguments)


class VirtualTimer:
    """Calls one function at a time that can be moved."""

    def __init__(self, scheduler: Scheduler, callback: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self._callback: Callable[[], None] | None = callback
        self._call: ScheduledCall | None = None
        self._generation = 0

    def schedule(self, deadline: float) -> None:
        """Call the function once at ``deadline``, instead of earlier ones."""
        self.cancel()
        if self._callback is not None:
            generation = self._generation
            deadline = max(deadline, self._scheduler.clock.now)
            self._call = self._scheduler.call_at(deadline, lambda: self._fire(generation), "timer")

    def cancel(self) -> None:
        """Do not call the function."""
        self._generation += 1
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def close(self) -> None:
        """Cancel and forget the function."""
        self.cancel()
        self._callback = None

    def _fire(self, generation: int) -> None:
        if generation == self._generation and self._callback is not None:
            self._call = None
            self._callback()


class _VirtualUdpSocket:
    """A simulated socket that is read in a turn of the scheduler, burst by burst."""

    def __init__(
        self,
        scheduler: Scheduler,
        sock: SimulatedSocket,
        on_datagrams: Callable[[list[Datagram]], None],
    ) -> None:
        self._scheduler = scheduler
        self._socket = sock
        self._endpoint = UdpEndpoint(sock)
        self._on_datagrams: Callable[[list[Datagram]], None] | None = on_datagrams
        self._will_read = False
        self._context = copy_context()
        sock.on_readable = self._read_soon

    @property
    def local(self) -> Address:
        return self._endpoint.local

    def send(self, transmit: Transmit) -> bool:
        return self._endpoint.send(transmit)

    def close(self) -> None:
        self._on_datagrams = None
        self._endpoint.close()

    def _read_soon(self) -> None:
        if not self._will_read:
            self._will_read = True
            self._scheduler.call_soon(self._read, f"receive {self.local[0]}", self._context)

    def _read(self) -> None:
        self._will_read = False
        if self._on_datagrams is None:
            return
        datagrams = self._endpoint.receive()
        if self._socket.has_datagrams:
            self._read_soon()
        if datagrams:
            self._on_datagrams(datagrams)
