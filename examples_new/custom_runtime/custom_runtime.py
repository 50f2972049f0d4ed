"""purertc on an event loop of your own: here a small one over selectors and plain coroutines.

python custom_runtime.py
"""

import contextvars
import heapq
import itertools
import selectors
import socket
import time
import types
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar, TypeVarTuple

from purertc import DataChannel, PeerConnection, PeerConnectionHandler
from purertc.runtime import tcp
from purertc.runtime.base import TaskHandle, TcpListener, TcpStream
from purertc.runtime.detect import running_runtime
from purertc.runtime.resolving import look_up
from purertc.runtime.udp import UdpEndpoint
from purertc.sansio.types import Address, Datagram, Transmit

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Callback = Callable[[], None]
OnDatagrams = Callable[[list[Datagram]], None]
OnError = Callable[[OSError], None]


class Cancelled(BaseException):
    """Thrown into a coroutine that somebody cancelled."""


class Loop:
    """Runs what is ready, then waits for sockets and timers; one thread only."""

    def __init__(self) -> None:
        self.ready: deque[Callback] = deque()
        self.timers: list[tuple[float, int, Timer]] = []
        self.order = itertools.count()
        self.tasks: set[Task] = set()
        self.current: Task | None = None
        self.selector = selectors.DefaultSelector()
        self.alarm, self.sleeper = socket.socketpair()
        self.selector.register(self.sleeper, selectors.EVENT_READ, lambda _: self.sleeper.recv(64))

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run until ``main`` has ended, cancel what it left, and return its result."""
        results: list[T] = []

        async def keep_result() -> None:
            results.append(await main)

        before = running_runtime.set(LoopRuntime(self))
        task = Task(self, keep_result(), "main")
        try:
            while not task.done():
                self.turn()
            return results[0]
        finally:
            for left in list(self.tasks):
                left.cancel()
            while self.tasks:
                self.turn()
            running_runtime.reset(before)
            for each in (self.selector, self.alarm, self.sleeper):
                each.close()

    def turn(self) -> None:
        timeout = 0.0 if self.ready else None
        if self.timers and timeout is None:
            timeout = max(0.0, self.timers[0][0] - time.monotonic())
        for key, events in self.selector.select(timeout):
            key.data(events)
        while self.timers and self.timers[0][0] <= time.monotonic():
            deadline, _, timer = heapq.heappop(self.timers)
            self.ready.append(partial(timer.fire, deadline))
        for _ in range(len(self.ready)):
            self.ready.popleft()()


class Task:
    """A coroutine. It suspends only in ``Event.wait``, and whoever sets the event resumes it."""

    def __init__(self, loop: Loop, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self.loop = loop
        self.coroutine = coroutine
        self.name = name
        self.context = contextvars.copy_context()
        self.cancellations = 0
        self.throws = False
        loop.tasks.add(self)
        loop.ready.append(self.step)

    def cancel(self) -> None:
        if not self.done():
            self.cancellations += 1
            self.throws = True
            self.loop.ready.append(self.step)

    def cancelling(self) -> int:
        return self.cancellations

    def done(self) -> bool:
        return self not in self.loop.tasks

    def step(self) -> None:
        if self.done():
            return
        self.loop.current, ended = self, True
        try:
            with suppress(StopIteration, Cancelled):
                if self.throws:
                    self.throws = False
                    self.context.run(self.coroutine.throw, Cancelled())
                else:
                    self.context.run(self.coroutine.send, None)
                ended = False
        finally:
            self.loop.current = None
            if ended:
                self.loop.tasks.discard(self)


@types.coroutine
def suspend() -> Generator[None, None, None]:
    yield


class Event:
    """A flag on which tasks wait."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.flag = False
        self.waiting: list[Task] = []

    def set(self) -> None:
        self.flag = True
        for task in self.waiting:
            self.loop.ready.append(task.step)
        self.waiting = []

    def is_set(self) -> bool:
        return self.flag

    async def wait(self) -> None:
        task = self.loop.current
        if task is None:
            raise RuntimeError("only a task of the loop can wait")
        while not self.flag:
            self.waiting.append(task)
            try:
                await suspend()
            finally:
                if task in self.waiting:
                    self.waiting.remove(task)


class Timer:
    """Stays in the loop's heap when it is moved; an entry that is out of date does nothing."""

    def __init__(self, loop: Loop, callback: Callback) -> None:
        self.loop = loop
        self.callback: Callback | None = callback
        self.deadline: float | None = None

    def schedule(self, deadline: float) -> None:
        if self.callback is not None:
            self.deadline = deadline
            heapq.heappush(self.loop.timers, (deadline, next(self.loop.order), self))

    def cancel(self) -> None:
        self.deadline = None

    def close(self) -> None:
        self.deadline = self.callback = None

    def fire(self, deadline: float) -> None:
        if self.callback is not None and self.deadline == deadline:
            self.deadline = None
            self.callback()


class UdpSocket:
    """The system calls are :class:`UdpEndpoint`'s; the loop says when to make them."""

    def __init__(
        self, loop: Loop, sock: socket.socket, *callbacks: *tuple[OnDatagrams, Callback, OnError]
    ) -> None:
        self.selector = loop.selector
        self.endpoint = UdpEndpoint(sock)
        self.local: Address = self.endpoint.local
        self.callbacks: tuple[Any, ...] = callbacks
        self.selector.register(self.endpoint, selectors.EVENT_READ, self.on_events)

    def send(self, transmit: Transmit) -> bool:
        if self.endpoint.send(transmit):
            return True
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        self.selector.modify(self.endpoint, both, self.on_events)
        return False

    def close(self) -> None:
        if self.callbacks:
            self.callbacks = ()
            if self.selector.get_map():  # else the loop has ended
                self.selector.unregister(self.endpoint)
            self.endpoint.close()

    def on_events(self, events: int) -> None:
        if self.callbacks and events & selectors.EVENT_WRITE:
            self.selector.modify(self.endpoint, selectors.EVENT_READ, self.on_events)
            self.callbacks[1]()
        if self.callbacks and events & selectors.EVENT_READ:
            try:
                datagrams = self.endpoint.receive()
            except OSError as error:
                tell = self.callbacks[2]
                self.close()
                tell(error)
            else:
                self.callbacks[0](datagrams)


class SocketWatch:
    """Waits for a TCP socket. :mod:`purertc.runtime.tcp` makes the system calls."""

    def __init__(self, loop: Loop, sock: socket.socket) -> None:
        self.loop, self.sock = loop, sock
        self.waiting: dict[int, Event] = {}

    async def readable(self) -> None:
        await self.wait(selectors.EVENT_READ)

    async def writable(self) -> None:
        await self.wait(selectors.EVENT_WRITE)

    async def wait(self, kind: int) -> None:
        ready = self.waiting[kind] = Event(self.loop)
        self.update()
        try:
            await ready.wait()
        finally:
            if self.waiting.pop(kind, None):
                self.update()

    def update(self) -> None:
        selector = self.loop.selector
        if selector.get_map() is None:  # the loop has ended
            return
        if self.sock in selector.get_map():
            selector.unregister(self.sock)
        if self.waiting:
            selector.register(self.sock, sum(self.waiting), self.on_events)

    def on_events(self, events: int) -> None:
        for kind, ready in self.waiting.items():
            if events & kind:
                ready.set()

    def close(self) -> None:
        waiting, self.waiting = self.waiting, {}
        self.update()
        for ready in waiting.values():
            ready.set()


class LoopRuntime:
    """What purertc asks of an event loop, answered by ours."""

    name = "custom"

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.now = time.monotonic

    def spawn(self, coroutine: Coroutine[Any, Any, None], *, name: str) -> TaskHandle:
        return Task(self.loop, coroutine, name)

    def new_event(self) -> Event:
        return Event(self.loop)

    def new_timer(self, callback: Callback) -> Timer:
        return Timer(self.loop, callback)

    def run_threadsafe(self, callback: Callback) -> bool:
        self.loop.ready.append(callback)
        try:
            self.loop.alarm.send(b"!")
        except OSError:
            return False
        return True

    def wrap_udp_socket(
        self,
        sock: socket.socket,
        on_datagrams: OnDatagrams,
        on_writable: Callback,
        on_error: OnError,
    ) -> UdpSocket:
        return UdpSocket(self.loop, sock, on_datagrams, on_writable, on_error)

    async def connect_tcp(self, address: Address, *, local_host: str | None = None) -> TcpStream:
        sock = tcp.new_socket(address, local_host)
        return await tcp.connect(sock, SocketWatch(self.loop, sock), address)

    async def serve_tcp(
        self, address: Address, on_stream: Callable[[TcpStream], None]
    ) -> TcpListener:
        sock = tcp.new_listening_socket(address)
        listener = tcp.WatchedTcpListener(sock, partial(SocketWatch, self.loop), on_stream)
        self.spawn(listener.accept_all(), name="listener")
        return listener

    async def resolve(self, host: str, port: int) -> list[Address]:
        return await self.run_in_thread(look_up, host, port)

    async def run_in_thread(self, function: Callable[[*Ts], T], *arguments: *Ts) -> T:
        ended, threads = Event(self.loop), ThreadPoolExecutor(1)
        future = threads.submit(partial(contextvars.copy_context().run, function, *arguments))
        future.add_done_callback(lambda _: self.run_threadsafe(ended.set))
        threads.shutdown(wait=False)
        await ended.wait()
        return future.result()


class Echo(PeerConnectionHandler):
    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(message)


async def main() -> None:
    async with PeerConnection() as left, PeerConnection(Echo()) as right:
        channel = left.create_data_channel("chat")
        for one, other in ((left, right), (right, left)):
            await one.set_local_description()
            await one.gathering_complete()
            assert one.local_description
            await other.set_remote_description(one.local_description)
        await channel.opened()
        for message in ("hello", "from a loop of my own"):
            await channel.send(message)
            print("echo:", await channel.receive())


if __name__ == "__main__":
    Loop().run(main())
