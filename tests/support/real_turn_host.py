"""The TURN server of the simulation on real sockets of this machine's loopback, in a thread."""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Self, cast

from purertc.sansio.types import Address
from purertc.testing import SimulatedTurnServer
from purertc.testing.host import Listener, SimulatedHost
from purertc.testing.wire import EndOwner, StreamEnd

__all__ = ["RealTurnServer"]

_HOST = "127.0.0.1"


class _RealSocket:
    """A UDP socket, as far as the server knows one."""

    def __init__(self, host: "_RealHost", sock: socket.socket) -> None:
        self.local: Address = sock.getsockname()
        self.on_readable: Callable[[], None] | None = None
        self._host = host
        self._socket = sock
        self._waiting: list[tuple[bytes, Address]] = []
        sock.setblocking(False)
        host.watch(sock, self._read)

    @property
    def has_datagrams(self) -> bool:
        return bool(self._waiting)

    def recvfrom(self, size: int) -> tuple[bytes, Address]:
        data, source = self._waiting.pop(0)
        return data[:size], source

    def sendto(self, data: bytes, address: Address) -> None:
        try:
            self._socket.sendto(data, address)
        except OSError:
            return

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self.on_readable = None
        self._host.forget(self._socket)

    def _read(self) -> None:
        try:
            self._waiting.append(self._socket.recvfrom(65535))
        except OSError:
            return
        if self.on_readable is not None:
            self.on_readable()


class _RealStreamEnd:
    """A TCP connection, as far as the server knows one."""

    def __init__(self, host: "_RealHost", sock: socket.socket) -> None:
        self.local: Address = sock.getsockname()
        self.remote: Address = sock.getpeername()
        self.owner: EndOwner | None = None
        self._host = host
        self._socket = sock
        sock.settimeout(1)
        host.watch(sock, self._read)

    def send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError:
            return

    def close(self) -> None:
        self.owner = None
        self._host.forget(self._socket)

    reset = close

    def _read(self) -> None:
        try:
            data = self._socket.recv(65536)
        except OSError:
            data = b""
        owner = self.owner
        if owner is not None and data:
            owner.data_arrived(data)
        elif owner is not None:
            owner.end_arrived()


class _RealHost:
    """Stands in for a simulated host with one address, and for its network."""

    def __init__(self) -> None:
        self.name = "loopback"
        self.addresses = [_HOST]
        self.listeners: dict[Address, Listener] = {}
        self.network = self
        self._selector = selectors.DefaultSelector()
        self._ended = False
        self._tcp = socket.create_server((_HOST, 0))
        self.port: int = self._tcp.getsockname()[1]
        self.watch(self._tcp, self._accept)
        self._thread = threading.Thread(target=self._run, name="TURN server", daemon=True)

    @property
    def now(self) -> float:
        return time.monotonic()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended = True
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            self.forget(cast("socket.socket", key.fileobj))
        self._selector.close()

    def bind(self, address: str, port: int = 0) -> _RealSocket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((address, port))
        return _RealSocket(self, sock)

    def watch(self, sock: socket.socket, read: Callable[[], None]) -> None:
        self._selector.register(sock, selectors.EVENT_READ, read)

    def forget(self, sock: socket.socket) -> None:
        if sock.fileno() >= 0:
            self._selector.unregister(sock)
            sock.close()

    def _accept(self) -> None:
        sock, _ = self._tcp.accept()
        listener = self.listeners[_HOST, self.port]
        listener.take(cast("StreamEnd", _RealStreamEnd(self, sock)))

    def _run(self) -> None:
        while not self._ended:
            for key, _ in self._selector.select(0.05):
                key.data()


class RealTurnServer:
    """Serves over UDP and TCP on one port of 127.0.0.1 as a context manager.

    ``allocations`` may be looked at from any thread.
    """

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # those of SimulatedTurnServer
        self._host = _RealHost()
        self.port = self._host.port
        self.server = SimulatedTurnServer(cast("SimulatedHost", self._host), self.port, **settings)

    @property
    def allocations(self) -> int:
        """How many there are."""
        return len(self.server.allocations)

    def __enter__(self) -> Self:
        self._host.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._host.stop()
