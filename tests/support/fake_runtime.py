"""A runtime whose clock and sockets a test moves by hand; it has no loop."""

import socket
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from purertc.runtime.base import Event, TaskHandle, TcpStream
from purertc.sansio.types import Address, Datagram, Transmit

__all__ = ["FakeRuntime", "FakeTimer", "FakeUdpSocket"]

T = TypeVar("T")


class FakeTimer:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.deadline: float | None = None
        self.closed = False

    def schedule(self, deadline: float) -> None:
        self.deadline = deadline

    def cancel(self) -> None:
        self.deadline = None

    def close(self) -> None:
        self.deadline = None
        self.closed = True

    def fire(self) -> None:
        assert self.deadline is not None
        self.deadline = None
        self.callback()


class FakeUdpSocket:
    def __init__(
        self,
        local: Address,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> None:
        self.local = local
        self.on_datagrams = on_datagrams
        self.on_writable = on_writable
        self.on_error = on_error
        self.sent: list[bytes] = []
        self.room: int | None = None
        self.closed = False

    def send(self, transmit: Transmit) -> bool:
        if self.room is not None:
            if self.room == 0:
                return False
            self.room -= 1
        self.sent.append(transmit.payload)
        return True

    def close(self) -> None:
        self.closed = True


class FakeRuntime:
    """Only what the driver needs."""

    name = "fake"

    def __init__(self) -> None:
        self.time = 100.0
        self.timers: list[FakeTimer] = []
        self.sockets: list[FakeUdpSocket] = []

    def now(self) -> float:
        return self.time

    def spawn(self, coroutine: Coroutine[Any, Any, None], *, name: str) -> TaskHandle:
        raise NotImplementedError

    def new_event(self) -> Event:
        raise NotImplementedError

    def new_timer(self, callback: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(callback)
        self.timers.append(timer)
        return timer

    def run_threadsafe(self, callback: Callable[[], None]) -> bool:
        callback()
        return True

    def wrap_udp_socket(
        self,
        sock: socket.socket,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> FakeUdpSocket:
        local = sock.getsockname()
        udp = FakeUdpSocket((local[0], local[1]), on_datagrams, on_writable, on_error)
        sock.close()
        self.sockets.append(udp)
        return udp

    async def connect_tcp(self, address: Address, *, local_host: str | None = None) -> TcpStream:
        raise NotImplementedError

    async def resolve(self, host: str, port: int) -> list[Address]:
        raise NotImplementedError

    async def run_in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        raise NotImplementedError
