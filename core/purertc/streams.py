"""The TCP and TLS connections of a peer: to TURN servers, and for ICE over TCP."""

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

from purertc.background import BackgroundTasks
from purertc.errors import RuntimeUnavailable
from purertc.runtime.base import Event, TcpStream, Timer
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.network_settings import NetworkSettings
from purertc.sansio.streams import Stream
from purertc.sansio.types import Address

__all__ = ["LINGER", "MOST_QUEUED", "StreamHub", "StreamUser"]

_logger = logging.getLogger("purertc.driver")

MOST_QUEUED = 1024 * 1024
"""Bytes that wait to be sent over one stream; what comes on top is lost as on a network."""

LINGER = 0.5
"""Seconds for what is queued to leave before an unwanted stream is closed."""

_BROKEN_OFF = "its task was broken off"


class StreamUser(Protocol):
    """Whose connections they are, as :class:`purertc.driver.PeerMachine` says."""

    def stream_opened(self, stream: Stream, local: Address, now: float) -> None:
        """Note that a stream can be used."""

    def receive_stream(self, stream: Stream, data: bytes, now: float) -> None:
        """Take what came."""

    def stream_closed(self, stream: Stream, reason: str, now: float) -> None:
        """Note that a stream failed or ended."""

    def stream_accepted(self, listener: Address, remote: Address, now: float) -> Stream | None:
        """Return the stream of a connection from outside, None to refuse it."""


class _Connection:
    """What belongs to one stream."""

    __slots__ = ("chunks", "is_ending", "is_gone", "opening", "output", "queued", "stream", "tcp")

    def __init__(self, stream: Stream, tcp: TcpStream | None = None) -> None:
        self.stream = stream
        self.tcp = tcp
        self.opening: object = None
        """The key of the task that connects."""
        self.chunks: deque[bytes] = deque()
        self.queued = 0
        self.output: Event | None = None
        """Set to wake the one who sends."""
        self.is_ending = False
        self.is_gone = False

    def wake(self) -> None:
        """Let the one who sends look at what is to do."""
        output, self.output = self.output, None
        if output is not None:
            output.set()


class StreamHub:
    """All streams of one connection. Each has a task that reads and one that sends.

    ``now`` is the clock for the user's methods, ``changed`` is called after each of them that
    was not called from here at the user's request. ``dropped`` counts outputs that found no room.
    """

    def __init__(
        self,
        runtime: RuntimeSource,
        settings: NetworkSettings,
        user: StreamUser,
        now: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self.dropped = 0
        self._runtime = runtime
        self._settings = settings
        self._user = user
        self._now = now
        self._changed = changed
        self._tasks = BackgroundTasks(runtime)
        self._connections: dict[Stream, _Connection] = {}
        self._ending: dict[_Connection, float] = {}
        self._linger_timer: Timer | None = None
        self._on_closed: Callable[[], None] | None = None
        self._is_closing = False

    def __bool__(self) -> bool:
        """Whether there is a stream, also one that is not wanted any more."""
        return bool(self._connections or self._ending)

    # For the owner.

    def open(self, stream: Stream) -> None:
        """Connect; the user hears ``stream_opened`` or ``stream_closed``."""
        self._begin(_Connection(stream))

    def accept(self, listener: Address, tcp: TcpStream) -> None:
        """Offer a connection from outside to the user."""
        stream = None
        if not self._is_closing:
            stream = self._user.stream_accepted(listener, tcp.remote, self._now())
        if stream is None:
            tcp.close()
            return
        self._begin(_Connection(stream, tcp))
        self._changed()

    def send(self, stream: Stream, data: bytes) -> None:
        """Queue bytes; when there is no room, all of them are dropped."""
        connection = self._connections.get(stream)
        if connection is None:
            return
        if connection.queued + len(data) > MOST_QUEUED:
            self.dropped += 1
            return
        connection.chunks.append(data)
        connection.queued += len(data)
        connection.wake()

    def end(self, stream: Stream) -> None:
        """Send what is queued, close, and tell the user nothing more of it."""
        connection = self._connections.pop(stream, None)
        if connection is None:
            return
        if connection.tcp is None or not connection.queued:
            self._drop(connection)
            return
        connection.is_ending = True
        self._ending[connection] = self._now() + LINGER
        connection.wake()
        self._arm()

    def close(self, on_closed: Callable[[], None]) -> None:
        """End all streams; ``on_closed`` is called when none is left, maybe at once."""
        self._is_closing = True
        self._on_closed = on_closed
        for stream in list(self._connections):
            self.end(stream)
        self._check_closed()

    def abort(self) -> None:
        """Close all streams at once."""
        self._is_closing = True
        for connection in [*self._connections.values(), *self._ending]:
            self._drop(connection)
        self._connections.clear()
        self._tasks.cancel_all()
        self._check_closed()

    # The tasks.

    def _begin(self, connection: _Connection) -> None:
        self._connections[connection.stream] = connection
        try:
            connection.opening = self._tasks.start(
                partial(self._run, connection), f"stream to {connection.stream.remote[0]}"
            )
        except RuntimeUnavailable as error:
            self._lose(connection, str(error))

    async def _run(self, connection: _Connection) -> None:
        reason = _BROKEN_OFF
        try:
            tcp = connection.tcp
            was_accepted = tcp is not None
            if tcp is None:
                tcp = connection.tcp = await self._connect(connection.stream)
            if not connection.is_gone:
                self._start_sending(connection, tcp)
                if not was_accepted:
                    self._user.stream_opened(connection.stream, tcp.local, self._now())
                    self._changed()
                reason = await self._read(connection, tcp)
        except (OSError, RuntimeUnavailable) as error:
            reason = _reason(error)
        except GeneratorExit:
            connection.is_gone = True  # the loop has ended, and with it all that could be told
            raise
        finally:
            connection.opening = None
            self._lose(connection, reason)

    async def _connect(self, stream: Stream) -> TcpStream:
        runtime = self._runtime.get()
        if stream.server_name is None:
            return await runtime.connect_tcp(stream.remote, local_host=stream.local_host)
        # The ssl module is large, and few connections need it.
        from purertc.runtime import tls  # noqa: PLC0415

        settings = self._settings
        context = await runtime.run_in_thread(
            partial(tls.client_context, settings.tls_ca_file, verify=settings.tls_verify)
        )
        tcp = await runtime.connect_tcp(stream.remote, local_host=stream.local_host)
        return await tls.start_tls(tcp, stream.server_name, context)

    def _start_sending(self, connection: _Connection, tcp: TcpStream) -> None:
        connection.opening = None
        self._tasks.start(partial(self._send, connection, tcp), "stream output")
        _logger.debug("stream from %s to %s is open", tcp.local, tcp.remote)

    async def _read(self, connection: _Connection, tcp: TcpStream) -> str:
        """Hand over what comes; return why no more does."""
        while data := await tcp.receive_some():
            if not connection.is_ending:
                self._user.receive_stream(connection.stream, data, self._now())
                self._changed()
        return "the other side closed the connection"

    async def _send(self, connection: _Connection, tcp: TcpStream) -> None:
        reason = _BROKEN_OFF
        try:
            while not connection.is_gone:
                if connection.chunks:
                    data = b"".join(connection.chunks)
                    connection.chunks.clear()
                    await tcp.send_all(data)
                    connection.queued -= len(data)
                elif connection.is_ending:
                    break
                else:
                    connection.output = output = self._runtime.get().new_event()
                    await output.wait()
        except OSError as error:
            reason = _reason(error)
        except GeneratorExit:
            connection.is_gone = True
            raise
        finally:
            self._lose(connection, reason)

    # The end.

    def _lose(self, connection: _Connection, reason: str) -> None:
        """Let go of a stream that ended, and tell the user unless it is not wanted any more."""
        if connection.is_gone:
            # Maybe it was given up while it connected, when the loop could not stop that.
            if connection.tcp is not None:
                connection.tcp.close()
            return
        is_wanted = self._connections.pop(connection.stream, None) is not None
        self._drop(connection)
        if is_wanted:
            _logger.debug("stream to %s has ended: %s", connection.stream.remote, reason)
            self._user.stream_closed(connection.stream, reason, self._now())
            self._changed()
        self._check_closed()

    def _drop(self, connection: _Connection) -> None:
        """Close a stream and wake its tasks."""
        connection.is_gone = True
        self._ending.pop(connection, None)
        connection.chunks.clear()
        if connection.tcp is not None:
            connection.tcp.close()
        self._tasks.cancel(connection.opening)
        connection.opening = None
        connection.wake()

    def _check_closed(self) -> None:
        if self._is_closing and not self:
            if self._linger_timer is not None:
                self._linger_timer.close()
                self._linger_timer = None
            on_closed, self._on_closed = self._on_closed, None
            if on_closed is not None:
                on_closed()

    def _arm(self) -> None:
        if not self._ending:
            return
        runtime = self._runtime.get()
        try:
            if self._linger_timer is None:
                self._linger_timer = runtime.new_timer(self._on_linger)
        except RuntimeUnavailable:
            for connection in list(self._ending):
                self._drop(connection)
            return
        self._linger_timer.schedule(min(self._ending.values()))

    def _on_linger(self) -> None:
        now = self._now()
        for connection, deadline in list(self._ending.items()):
            if deadline <= now:
                _logger.debug("gave up on %d bytes for a closed stream", connection.queued)
                self._drop(connection)
        self._arm()
        self._check_closed()


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
