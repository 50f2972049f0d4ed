"""The other side of a TCP connection, on the network that the runtime of the test has."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from purertc.sansio.types import Address
from purertc.testing import VirtualLoop, VirtualRuntime, VirtualTcpListener, VirtualTcpStream
from tests.support.runtimes import LIMIT, running

__all__ = ["Listening", "Peer", "listening"]


class Peer(Protocol):
    """One accepted connection."""

    async def send(self, data: bytes) -> None: ...
    async def receive(self, size: int) -> bytes:
        """Return exactly ``size`` bytes, fewer at the end."""

    def end(self) -> None:
        """Send no more."""

    def close(self) -> None: ...
    def reset(self) -> None: ...


class Listening(Protocol):
    """A listening socket."""

    address: Address

    async def accept(self) -> Peer: ...
    def close(self) -> None: ...


class _KernelPeer:
    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        sock.settimeout(LIMIT)

    async def send(self, data: bytes) -> None:
        await running().run_in_thread(self._socket.sendall, data)

    async def receive(self, size: int) -> bytes:
        return await running().run_in_thread(self._receive, size)

    def _receive(self, size: int) -> bytes:
        received = b""
        while len(received) < size and (data := self._socket.recv(size - len(received))):
            received += data
        return received

    def end(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._socket.close()

    def reset(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


class _KernelListening:
    def __init__(self, host: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, 0), family=family)
        self._socket.settimeout(LIMIT)
        self.address: Address = self._socket.getsockname()[:2]

    async def accept(self) -> Peer:
        return _KernelPeer((await running().run_in_thread(self._socket.accept))[0])

    def close(self) -> None:
        self._socket.close()


class _VirtualPeer:
    def __init__(self, stream: VirtualTcpStream) -> None:
        self._stream = stream

    async def send(self, data: bytes) -> None:
        await self._stream.send_all(data)

    async def receive(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            data = await self._stream.receive_some(size - len(received))
            if not data:
                break
            received += data
        return received

    def end(self) -> None:
        self._stream.send_end()

    def close(self) -> None:
        self._stream.close()

    def reset(self) -> None:
        self._stream.reset()


class _VirtualListening:
    def __init__(self, listener: VirtualTcpListener) -> None:
        self._listener = listener
        self.address = listener.local

    async def accept(self) -> Peer:
        return _VirtualPeer(await self._listener.accept())

    def close(self) -> None:
        self._listener.close()


class _AsyncioPeer:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def receive(self, size: int) -> bytes:
        try:
            return await self._reader.readexactly(size)
        except asyncio.IncompleteReadError as error:
            return error.partial

    def end(self) -> None:
        self._writer.write_eof()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        transport = self._writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


class _AsyncioListening:
    def __init__(self) -> None:
        self._accepted: asyncio.Queue[Peer] = asyncio.Queue()

    async def start(self, host: str) -> None:
        self._server = await asyncio.start_server(self._accept, host, 0)
        self.address: Address = self._server.sockets[0].getsockname()[:2]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accepted.put_nowait(_AsyncioPeer(reader, writer))

    async def accept(self) -> Peer:
        return await self._accepted.get()

    def close(self) -> None:
        self._server.close()


async def _listen(host: str) -> Listening:
    runtime = running()
    if isinstance(runtime, VirtualRuntime):
        return _VirtualListening(runtime.listen_tcp(host))
    if runtime.name == "asyncio" and isinstance(asyncio.get_running_loop(), VirtualLoop):
        listening = _AsyncioListening()
        await listening.start(host)
        return listening
    return _KernelListening(host)


@asynccontextmanager
async def listening(host: str = "127.0.0.1") -> AsyncIterator[Listening]:
    """Listen on a free port."""
    server = await _listen(host)
    try:
        yield server
    finally:
        server.close()
