"""Signalling over a socket: one JSON message a line.

Nobody has to say which side listens. The one that calls ``send`` first, the offering side, does;
the one that calls ``receive`` first connects to it.
"""

import asyncio
import contextlib
import os
from abc import abstractmethod
from collections.abc import Awaitable, Callable

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
        self._connecting = asyncio.Lock()
        self._streams: _Streams | None = None
        self._closed = False

    @abstractmethod
    async def _listen(self, on_client: _OnClient) -> asyncio.Server: ...

    @abstractmethod
    async def _open(self) -> _Streams: ...

    @abstractmethod
    def _stopped_listening(self) -> None: ...

    async def connect(self) -> None:
        """Do nothing: the first ``send`` listens, the first ``receive`` connects."""

    async def send(self, message: SignalingMessage) -> None:
        """Send a message, after the other side has connected.

        Raises:
            ConnectionFailed: the other side is gone, or this one has been closed.
        """
        line = object_to_string(message).encode() + b"\n"
        _, writer = await self._connected(self._accept_one)
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
        """Say goodbye if anybody is there, and close. A waiting ``receive`` returns ``None``."""
        self._closed = True
        if self._streams is None:
            return
        _, writer = self._streams
        self._streams = None
        with contextlib.suppress(ConnectionError):
            writer.write(object_to_string(BYE).encode() + b"\n")
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _connected(self, establish: Callable[[], Awaitable[_Streams]]) -> _Streams:
        async with self._connecting:
            if self._closed:
                raise ConnectionFailed("This signalling line has been closed.")
            if self._streams is None:
                self._streams = await establish()
            return self._streams

    async def _accept_one(self) -> _Streams:
        accepted: asyncio.Future[_Streams] = asyncio.get_running_loop().create_future()

        def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if accepted.done():
                writer.close()
            else:
                accepted.set_result((reader, writer))

        server = await self._listen(on_client)
        try:
            return await accepted
        finally:
            server.close()
            self._stopped_listening()

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


class TcpSocketSignaling(_SocketSignaling):
    """Signalling over TCP on ``host`` and ``port``."""

    def __init__(self, host: str, port: int, *, connect_timeout: float = 10.0) -> None:
        super().__init__(connect_timeout)
        self._host = host
        self._port = port

    async def _listen(self, on_client: _OnClient) -> asyncio.Server:
        return await asyncio.start_server(on_client, self._host, self._port, limit=_LINE_LIMIT)

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
        return await asyncio.start_unix_server(on_client, self._path, limit=_LINE_LIMIT)

    async def _open(self) -> _Streams:
        return await asyncio.open_unix_connection(self._path, limit=_LINE_LIMIT)

    def _stopped_listening(self) -> None:
        # From Python 3.13 on asyncio removes the file itself.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
