"""UDP sockets and TCP connections of simulated servers, which answer as soon as something comes."""

from collections.abc import Callable
from functools import partial

from purertc.errors import BadPacket
from purertc.sansio.types import Address
from purertc.testing.host import SimulatedHost
from purertc.testing.udp import SimulatedSocket
from purertc.testing.wire import StreamEnd
from purertc.wire.turn import TurnStreamSplitter

__all__ = ["ServerSockets", "StreamClient", "StreamListener", "UdpClient"]

_LARGEST = 65535


class UdpClient:
    """Someone who sent a datagram to a server; the same one has the same ``key``."""

    is_stream = False

    def __init__(self, sock: SimulatedSocket, remote: Address) -> None:
        self.remote = remote
        self.local = sock.local
        self.key: tuple[object, ...] = ("udp", remote, sock.local)
        self._socket = sock

    def send(self, data: bytes) -> None:
        """Send a datagram back."""
        if self._socket.fileno() >= 0:
            self._socket.sendto(data, self.remote)


class ServerSockets:
    """A UDP socket on each address of a host; ``on_datagram`` is called as something arrives."""

    def __init__(
        self, host: SimulatedHost, port: int, on_datagram: Callable[[bytes, UdpClient], None]
    ) -> None:
        self._on_datagram = on_datagram
        self._sockets = [host.bind(address, port) for address in host.addresses]
        for sock in self._sockets:
            sock.on_readable = partial(self._read, sock)

    @property
    def addresses(self) -> list[Address]:
        """Where they are bound."""
        return [sock.local for sock in self._sockets]

    def close(self) -> None:
        """Close them all."""
        for sock in self._sockets:
            sock.close()

    def _read(self, sock: SimulatedSocket) -> None:
        while sock.has_datagrams:
            data, source = sock.recvfrom(_LARGEST)
            self._on_datagram(data, UdpClient(sock, (source[0], source[1])))


class StreamClient:
    """Someone who connected to a server; what comes is cut into STUN messages and ChannelData."""

    is_stream = True

    def __init__(
        self,
        end: StreamEnd,
        on_message: Callable[[bytes, "StreamClient"], None],
        on_gone: Callable[["StreamClient"], None],
    ) -> None:
        self.remote = end.remote
        self.local = end.local
        self.key: tuple[object, ...] = ("tcp", end.remote, end.local)
        self._end: StreamEnd | None = end
        self._on_message = on_message
        self._on_gone = on_gone
        self._splitter = TurnStreamSplitter()
        end.owner = self

    def send(self, data: bytes) -> None:
        """Send bytes back, with the padding that streams need (RFC 8656 section 12.5)."""
        if self._end is not None:
            self._end.send(data + bytes(-len(data) % 4))

    def reset(self) -> None:
        """End the connection as a program that dies does."""
        end, self._end = self._end, None
        if end is not None:
            end.reset()
            self._on_gone(self)

    def data_arrived(self, data: bytes) -> None:
        """Take bytes; whoever speaks something else is cut off."""
        try:
            messages = self._splitter.feed(data)
        except BadPacket:
            self.reset()
            return
        for message in messages:
            self._on_message(message, self)

    def end_arrived(self) -> None:
        """Close, too."""
        end, self._end = self._end, None
        if end is not None:
            end.close()
            self._on_gone(self)

    def room_changed(self) -> None:
        """Nothing to do: the server sends on, whatever is under way."""

    def connection_broke(self, error: OSError) -> None:
        """Forget the connection."""
        del error
        self._end = None
        self._on_gone(self)


class StreamListener:
    """Listens on each address of a host and keeps the connections that come."""

    def __init__(
        self,
        host: SimulatedHost,
        port: int,
        on_message: Callable[[bytes, StreamClient], None],
        on_gone: Callable[[StreamClient], None],
    ) -> None:
        self._host = host
        self._addresses: list[Address] = [(address, port) for address in host.addresses]
        self._clients: set[StreamClient] = set()
        self._on_message = on_message
        self._on_gone = on_gone
        for address in self._addresses:
            host.listeners[address] = self

    def take(self, end: StreamEnd) -> None:
        """Take a connection."""
        self._clients.add(StreamClient(end, self._on_message, self._gone))

    def close(self) -> None:
        """Listen no more and reset all connections."""
        for address in self._addresses:
            self._host.listeners.pop(address, None)
        for client in list(self._clients):
            client.reset()

    def _gone(self, client: StreamClient) -> None:
        self._clients.discard(client)
        self._on_gone(client)
