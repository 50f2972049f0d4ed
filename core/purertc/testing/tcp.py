"""TCP connections of a virtual runtime."""

import errno
import os
from collections import deque
from collections.abc import Callable

from purertc.runtime.tcp import OneAtATime, check_size, copy_of, stream_closed
from purertc.sansio.types import Address
from purertc.testing.host import SimulatedHost
from purertc.testing.tasks import VirtualEvent
from purertc.testing.wire import StreamEnd, refused, request, route

__all__ = ["ServingTcpListener", "VirtualTcpListener", "VirtualTcpStream", "connect"]


class VirtualTcpStream:
    """A :class:`purertc.runtime.base.TcpStream` between simulated hosts."""

    def __init__(self, end: StreamEnd) -> None:
        self.local = end.local
        self.remote = end.remote
        self._end = end
        self._unread = bytearray()
        self._has_ended = False
        self._is_closed = False
        self._error: OSError | None = None
        self._changed = VirtualEvent()
        self._receiving = OneAtATime("receiving")
        self._sending = OneAtATime("sending")
        end.owner = self

    async def receive_some(self, max_bytes: int = 65536) -> bytes:
        """Return what has come, or wait for it."""
        check_size(max_bytes)
        with self._receiving:
            while not (self._unread or self._has_ended or self._error or self._is_closed):
                await self._changed.wait()
        if self._is_closed:
            raise stream_closed()
        if not self._unread and self._error is not None:
            raise copy_of(self._error)
        data = bytes(self._unread[:max_bytes])
        del self._unread[:max_bytes]
        return data

    async def send_all(self, data: bytes) -> None:
        """Wait until the simulated operating system has taken everything."""
        with self._sending:
            self._check()
            if data:
                self._end.send(data)
            while self._end.excess:
                await self._changed.wait()
                self._check()

    def send_end(self) -> None:
        """Tell the other side that no more comes; receiving goes on."""
        if not self._is_closed and self._error is None:
            self._end.send_end()

    def close(self) -> None:
        """Close the connection and wake who waits for it."""
        if self._is_closed:
            return
        self._is_closed = True
        self._unread.clear()
        if self._end.excess:
            self._end.reset()
        elif self._error is None:
            self._end.close()
        self._wake()

    def reset(self) -> None:
        """Close at once; the other side gets ConnectionResetError."""
        if not self._is_closed:
            self._end.reset()
            self.close()

    def data_arrived(self, data: bytes) -> None:
        """Keep what came for the reader."""
        self._unread += data
        self._wake()

    def end_arrived(self) -> None:
        """Note the end; sending is still possible."""
        self._has_ended = True
        self._wake()

    def room_changed(self) -> None:
        """Let ``send_all`` go on."""
        if not self._end.excess:
            self._wake()

    def connection_broke(self, error: OSError) -> None:
        """Wake everyone; ``error`` is what they get."""
        self._error = error
        self._wake()

    def _check(self) -> None:
        if self._is_closed:
            raise stream_closed()
        if self._error is not None:
            raise copy_of(self._error)

    def _wake(self) -> None:
        changed, self._changed = self._changed, VirtualEvent()
        changed.set()


class VirtualTcpListener:
    """Takes TCP connections to one address of a simulated host."""

    def __init__(self, host: SimulatedHost, local: Address) -> None:
        if local in host.listeners:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self.local = local
        self._host = host
        self._waiting: deque[VirtualTcpStream] = deque()
        self._changed = VirtualEvent()
        host.listeners[local] = self

    async def accept(self) -> VirtualTcpStream:
        """Return the next connection. Raises OSError when the listener is closed."""
        while not self._waiting:
            if self.local not in self._host.listeners:
                raise OSError(errno.EBADF, "this listener was closed")
            await self._changed.wait()
        return self._waiting.popleft()

    def close(self) -> None:
        """Take no more connections, and reset those that nobody accepted."""
        self._host.listeners.pop(self.local, None)
        while self._waiting:
            self._waiting.popleft().reset()
        self._wake()

    def take(self, end: StreamEnd) -> None:
        """Keep a connection for :meth:`accept`."""
        self._waiting.append(VirtualTcpStream(end))
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, VirtualEvent()
        changed.set()


class ServingTcpListener:
    """Hands the TCP connections to one address of a simulated host to a function."""

    def __init__(
        self, host: SimulatedHost, local: Address, on_stream: Callable[[VirtualTcpStream], None]
    ) -> None:
        if local in host.listeners:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self.local = local
        self._host = host
        self._on_stream: Callable[[VirtualTcpStream], None] | None = on_stream
        host.listeners[local] = self

    def close(self) -> None:
        """Take no more connections."""
        if self._on_stream is not None:
            self._on_stream = None
            del self._host.listeners[self.local]

    def take(self, end: StreamEnd) -> None:
        """Hand over a connection."""
        if self._on_stream is None:
            end.reset()
        else:
            self._on_stream(VirtualTcpStream(end))


async def connect(
    origin: SimulatedHost, remote: Address, local_host: str | None = None
) -> VirtualTcpStream:
    """Connect from a host. Raises OSError."""
    target, local = route(origin, remote[0], local_host)
    answered = VirtualEvent()
    streams: list[VirtualTcpStream] = []
    is_wanted = True

    def take(end: StreamEnd | None) -> bool:
        if is_wanted and end is not None:
            streams.append(VirtualTcpStream(end))
        answered.set()
        return is_wanted

    request((origin, target), local, remote, take)
    try:
        await answered.wait()
    except BaseException:
        is_wanted = False
        for stream in streams:
            stream.reset()
        raise
    if not streams:
        raise refused()
    return streams[0]
