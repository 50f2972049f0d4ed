"""Signalling over a socket: one JSON message a line.

Nobody has to say which side listens. The one that calls ``send`` first, the offering side, does;
the one that calls ``receive`` first connects to it.
"""

import asyncio
import contextlib
import os
from abc import abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any

from purertc.errors import ConnectionFailed, ProtocolError
from purertc.signaling.base import Signaling
from purertc.signaling.messages import (
    BYE,
    SignalingMessage,
    object_from_string,
    object_to_string,
)

__all__ = ["TcpSocketSignaling", "UnixSocketSignaling"]

_LINE_LIMIT = 1 << 20
_RETRY_INTERVAL = 0.05

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_OnClient = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


class _SocketSignaling(Signaling):
    """What TCP and Unix sockets have in common.

    ``connect_timeout`` is how many seconds the receiving side keeps trying to connect, so that the
    two programs may start in any order; the listening side waits for as long as it takes.
    """

    def __init__(self, connect_timeout: float) -> None:
        self._connect_timeout = connect_timeout
        self._connecting: asyncio.Task[_Streams] | None = None
        self._closed = False

    @abstractmethod
    async def _listen(self, on_client: _OnClient) -> asyncio.Server:
        """Return a server that does not accept anybody yet."""

    @abstractmethod
    async def _open(self) -> _Streams:
        """Connect once. Raises OSError when nobody listens."""

    @abstractmethod
    def _stopped_listening(self) -> None:
        """Remove what listening left behind."""

    async def connect(self) -> None:
        """Do nothing: the first ``send`` listens, the first ``receive`` connects."""

    async def send(self, message: SignalingMessage) -> None:
        """Send a message, after the other side has connected.

        Cancelled before that, nothing was sent, and the next call goes on waiting; cancelled
        later, the message was sent whole.

        Raises:
            ConnectionFailed: the other side is gone, or this one has been closed.
        """
        line = object_to_string(message).encode() + b"\n"
        _, writer = await self._connected(self._accept_one)
        if writer.is_closing():
            raise ConnectionFailed("The other side has closed the signalling line.")
        try:
            writer.write(line)
            await writer.drain()
        except ConnectionError as error:
            raise ConnectionFailed("The other side has closed the signalling line.") from error

    async def receive(self) -> SignalingMessage | None:
        """Wait for a message; ``None`` when the other side went without a goodbye.

        Raises:
            ConnectionFailed: nobody listened within ``connect_timeout``.
            ProtocolError: the other side sent something that is no message.
        """
        reader, _ = await self._connected(self._open_patiently)
        try:
            line = await reader.readuntil()
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except asyncio.LimitOverrunError as error:
            raise ProtocolError(f"A signalling line is longer than {_LINE_LIMIT} bytes") from error
        return object_from_string(line.decode(errors="replace"))

    async def close(self) -> None:
        """Say goodbye if anybody is there, and close.

        A waiting ``receive`` returns ``None``; whoever waits for the other side to come gets
        ConnectionFailed. Cancelling it does not stop the closing.
        """
        self._closed = True
        connecting, self._connecting = self._connecting, None
        if connecting is None or _has_failed(connecting):
            return
        if not connecting.done():
            connecting.cancel()
            await asyncio.wait([connecting])
            return
        _, writer = connecting.result()
        if not writer.is_closing():
            writer.write(object_to_string(BYE).encode() + b"\n")
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _connected(self, establish: Callable[[], Coroutine[Any, Any, _Streams]]) -> _Streams:
        """Establish the line in a task of its own, which outlives a cancelled caller."""
        if self._closed:
            raise ConnectionFailed("This signalling line has been closed.")
        connecting = self._connecting
        if connecting is None or _has_failed(connecting):
            connecting = self._connecting = asyncio.create_task(establish())
        await asyncio.wait([connecting])
        if connecting.cancelled():
            raise ConnectionFailed("This signalling line was closed while it waited.")
        return connecting.result()

    async def _accept_one(self) -> _Streams:
        accepted: asyncio.Queue[_Streams] = asyncio.Queue()

        def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted.put_nowait((reader, writer))

        server = await self._listen(on_client)
        try:
            await server.start_serving()
            return await accepted.get()
        finally:
            server.close()
            self._stopped_listening()
            while not accepted.empty():
                accepted.get_nowait()[1].close()

    async def _open_patiently(self) -> _Streams:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self._connect_timeout
        while True:
            try:
                return await self._open()
            except OSError as error:
                if loop.time() >= give_up:
                    raise ConnectionFailed(
                        f"Nobody listened for {self._connect_timeout:g} s: start the side that "
                        f"offers ({error})."
                    ) from error
            await asyncio.sleep(_RETRY_INTERVAL)


def _has_failed(task: asyncio.Task[_Streams]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


class TcpSocketSignaling(_SocketSignaling):
    """Signalling over TCP on ``host`` and ``port``."""

    def __init__(self, host: str, port: int, *, connect_timeout: float = 10.0) -> None:
        super().__init__(connect_timeout)
        self._host = host
        self._port = port

    async def _listen(self, on_client: _OnClient) -> asyncio.Server:
        return await asyncio.start_server(
            on_client, self._host, self._port, limit=_LINE_LIMIT, start_serving=False
        )

    async def _open(self) -> _Streams:
        return await asyncio.open_connection(self._host, self._port, limit=_LINE_LIMIT)

    def _stopped_listening(self) -> None:
        """Nothing stays behind of a TCP port."""


class UnixSocketSignaling(_SocketSignaling):
    """Signalling over the Unix socket at ``path``, which is removed after use."""

    def __init__(self, path: str, *, connect_timeout: float = 10.0) -> None:
        super().__init__(connect_timeout)
        self._path = path

    async def _listen(self, on_client: _OnClient) -> asyncio.Server:
        return await asyncio.start_unix_server(
            on_client, self._path, limit=_LINE_LIMIT, start_serving=False
        )

    async def _open(self) -> _Streams:
        return await asyncio.open_unix_connection(self._path, limit=_LINE_LIMIT)

    def _stopped_listening(self) -> None:
        # From Python 3.13 on asyncio removes the file itself.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
