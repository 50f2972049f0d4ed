"""TCP connections for loops that can wait until a socket is ready, and rules for all others."""

import errno
import os
import socket
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from purertc.errors import ArgumentError, InvalidStateError
from purertc.runtime.resolving import address_of, socket_form
from purertc.sansio.types import Address

__all__ = [
    "OneAtATime",
    "SocketWatch",
    "WatchedTcpListener",
    "WatchedTcpStream",
    "check_size",
    "connect",
    "copy_of",
    "new_listening_socket",
    "new_socket",
    "stream_closed",
]

_BACKLOG = 64

_UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN})


def check_size(max_bytes: int) -> None:
    """Raise ArgumentError for a size that would make data look like the end."""
    if max_bytes < 1:
        raise ArgumentError(f"max_bytes is {max_bytes}; ask for one byte at least")


def copy_of(error: OSError) -> OSError:
    """Return an error to raise in place of one that a stream keeps.

    What is raised refers to the frames it passed; kept by the stream, it would keep the stream.
    """
    if error.errno is None:
        return OSError(str(error))
    return OSError(error.errno, error.strerror)


def stream_closed() -> OSError:
    """Return what a stream raises after its own ``close``."""
    return OSError(errno.EBADF, "this TCP stream was closed on this side")


class OneAtATime:
    """Raises InvalidStateError when two tasks do at once what only one may."""

    __slots__ = ("_is_taken", "_what")

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_taken = False

    def __enter__(self) -> None:
        if self._is_taken:
            raise InvalidStateError(f"another task is {self._what} on this TCP stream already")
        self._is_taken = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_taken = False


class SocketWatch(Protocol):
    """How a loop waits for one socket; a reader and a writer may wait at the same time."""

    async def readable(self) -> None:
        """Wait until the socket can be read, has ended or failed, or :meth:`close` was called."""

    async def writable(self) -> None:
        """Wait until the socket has room, has failed, or :meth:`close` was called."""

    def close(self) -> None:
        """Wake those who wait, and watch no more. The socket is still open."""


class WatchedTcpStream:
    """A :class:`purertc.runtime.base.TcpStream` over a connected non-blocking socket."""

    __slots__ = ("_is_closed", "_receiving", "_sending", "_socket", "_watch", "local", "remote")

    def __init__(self, sock: socket.socket, watch: SocketWatch) -> None:
        self.local: Address = address_of(sock.getsockname())
        self.remote: Address = address_of(sock.getpeername())
        self._socket = sock
        self._watch = watch
        self._is_closed = False
        self._receiving = OneAtATime("receiving")
        self._sending = OneAtATime("sending")

    async def receive_some(self, max_bytes: int = 65536) -> bytes:
        """Return what has come, or wait for it."""
        check_size(max_bytes)
        with self._receiving:
            while True:
                self._check_open()
                await self._watch.readable()
                self._check_open()
                try:
                    return self._socket.recv(max_bytes)
                except BlockingIOError:
                    continue

    async def send_all(self, data: bytes) -> None:
        """Wait until the operating system has taken everything."""
        left = memoryview(data)
        with self._sending:
            self._check_open()
            while left:
                await self._watch.writable()
                self._check_open()
                try:
                    left = left[self._socket.send(left) :]
                except BlockingIOError:
                    continue

    def close(self) -> None:
        """Close the connection and wake who waits for it."""
        if not self._is_closed:
            self._is_closed = True
            self._watch.close()
            self._socket.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise stream_closed()


class WatchedTcpListener:
    """A :class:`purertc.runtime.base.TcpListener` over a :func:`new_listening_socket`.

    ``new_watch`` makes the watch of a socket, ``on_stream`` gets the connections. The loop runs
    :meth:`accept_all` in a task.
    """

    __slots__ = ("_is_closed", "_new_watch", "_on_stream", "_socket", "_watch", "local")

    def __init__(
        self,
        sock: socket.socket,
        new_watch: Callable[[socket.socket], SocketWatch],
        on_stream: Callable[[WatchedTcpStream], None],
    ) -> None:
        self.local: Address = address_of(sock.getsockname())
        self._socket = sock
        self._new_watch = new_watch
        self._on_stream: Callable[[WatchedTcpStream], None] | None = on_stream
        self._watch = new_watch(sock)
        self._is_closed = False

    async def accept_all(self) -> None:
        """Hand over each connection, until :meth:`close` or cancellation, which closes it."""
        try:
            while not self._is_closed:
                await self._watch.readable()
                if self._on_stream is not None:
                    self._accept(self._on_stream)
        finally:
            self.close()

    def close(self) -> None:
        """Accept nothing more, and end :meth:`accept_all`."""
        if not self._is_closed:
            self._is_closed = True
            self._on_stream = None
            self._watch.close()
            self._socket.close()

    def _accept(self, on_stream: Callable[[WatchedTcpStream], None]) -> None:
        try:
            sock, _ = self._socket.accept()
        except OSError:
            # It was gone before it was accepted, or there are no descriptors left.
            return
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = WatchedTcpStream(sock, self._new_watch(sock))
        except OSError:
            sock.close()
            return
        on_stream(stream)


def new_socket(address: Address, local_host: str | None = None) -> socket.socket:
    """Return a non-blocking TCP socket of the family of ``address``, bound to ``local_host``.

    Raises OSError.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        if local_host is not None:
            sock.bind(socket_form((local_host, 0)))
    except BaseException:
        sock.close()
        raise
    return sock


def new_listening_socket(address: Address) -> socket.socket:
    """Return a non-blocking TCP socket that listens on ``address``. Raises OSError."""
    v6 = ":" in address[0]
    sock = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        if os.name == "posix":  # elsewhere it would let others take the address over
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if v6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(socket_form(address))
        sock.listen(_BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


async def connect(sock: socket.socket, watch: SocketWatch, address: Address) -> WatchedTcpStream:
    """Connect a :func:`new_socket` to a numeric address. Raises OSError, and closes it then."""
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = sock.connect_ex(socket_form(address))
        if code in _UNDER_WAY:
            await watch.writable()
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        return WatchedTcpStream(sock, watch)
    except BaseException:
        watch.close()
        sock.close()
        raise
