"""A TURN client on a simulated host, and peers for it, on virtual time and without a loop."""

from collections.abc import Callable
from random import Random

from purertc.sansio.turn import TurnClient, TurnConfig, TurnCredentials, TurnEvent
from purertc.sansio.turn.messages import Family
from purertc.sansio.types import Address
from purertc.testing import LinkConditions, ScheduledCall, SimulatedNetwork, SimulatedSocket
from purertc.testing.host import SimulatedHost
from purertc.testing.wire import StreamEnd, request, route
from purertc.wire.turn import TurnStreamSplitter

CREDENTIALS = TurnCredentials("user", "password")


class TurnOnHost:
    """Does for a :class:`TurnClient` what its owner does: sockets, streams, timers."""

    def __init__(
        self,
        host: SimulatedHost,
        server: Address,
        *,
        reliable: bool = False,
        family: Family = 4,
        credentials: TurnCredentials = CREDENTIALS,
        config: TurnConfig | None = None,
        port: int = 0,
        seed: int = 0,
    ) -> None:
        self.client = TurnClient(
            credentials, Random(seed).randbytes, reliable=reliable, family=family, config=config
        )
        self.events: list[TurnEvent] = []
        self.received: list[tuple[Address, bytes]] = []
        self.sent: list[bytes] = []
        """Each datagram, or piece for the stream, that went to the server."""
        self._clock = host.network.clock
        self._server = server
        self._timer: ScheduledCall | None = None
        self._splitter = TurnStreamSplitter()
        self._end: StreamEnd | None = None
        self._socket: SimulatedSocket | None = None
        if reliable:
            target, local = route(host, server[0])
            request((host, target), local, server, self._connected)
        else:
            own = next(each for each in host.addresses if (":" in each) == (":" in server[0]))
            self._socket = host.bind(own, port)
            self._socket.on_readable = self._read
            self._do(self.client.start)

    @property
    def relayed(self) -> Address:
        """The relayed address; there must be one."""
        assert self.client.relayed is not None
        return self.client.relayed

    def send(self, peer: Address, payload: bytes, segment_size: int = 0) -> None:
        """Send to a peer through the relay."""
        self._do(lambda now: self.client.send(peer, payload, now, segment_size))

    def close(self) -> None:
        """Give the allocation back."""
        self._do(self.client.close)

    def vanish(self) -> None:
        """Be gone without a word."""
        assert self._socket is not None
        self._socket.close()
        if self._timer is not None:
            self._timer.cancel()

    def hang_up(self) -> None:
        """Close the stream without a word."""
        assert self._end is not None
        self._end.close()

    def take(self, data: bytes) -> None:
        """Let the client receive something."""
        self._do(lambda now: self.received.extend(self.client.receive(data, now)))

    # The stream, as its owner.

    def data_arrived(self, data: bytes) -> None:
        for message in self._splitter.feed(data):
            self.take(message)

    def end_arrived(self) -> None:
        self._do(lambda _: self.client.transport_lost("the stream ended"))

    def room_changed(self) -> None:
        pass

    def connection_broke(self, error: OSError) -> None:
        self._do(lambda _: self.client.transport_lost(str(error)))

    def _connected(self, end: StreamEnd | None) -> bool:
        if end is None:
            self._do(lambda _: self.client.transport_lost("refused"))
            return False
        self._end = end
        end.owner = self
        self._do(self.client.start)
        return True

    def _read(self) -> None:
        assert self._socket is not None
        while self._socket.has_datagrams:
            self.take(self._socket.recvfrom(65535)[0])

    def _do(self, action: Callable[[float], object]) -> None:
        action(self._clock.now)
        for payload, segment_size in self.client.transmits():
            step = segment_size or len(payload)
            for start in range(0, len(payload), step):
                self.say(payload[start : start + step])
        while (event := self.client.next_event()) is not None:
            self.events.append(event)
        if self._timer is not None:
            self._timer.cancel()
        deadline = self.client.next_deadline()
        if deadline is not None:
            self._timer = self._clock.schedule(deadline, self._timeout)

    def _timeout(self) -> None:
        self._do(self.client.handle_timeout)

    def say(self, data: bytes) -> None:
        """Send something to the server."""
        self.sent.append(data)
        if self._socket is not None:
            self._socket.sendto(data, self._server)
        elif self._end is not None:
            self._end.send(data)


class PeerSocket:
    """A peer with one socket that keeps what comes."""

    def __init__(self, host: SimulatedHost, address: str) -> None:
        self._socket = host.bind(address)
        self._socket.on_readable = self._read
        self.address = self._socket.local
        self.received: list[tuple[Address, bytes]] = []

    def send(self, payload: bytes, destination: Address) -> None:
        self._socket.sendto(payload, destination)

    def _read(self) -> None:
        while self._socket.has_datagrams:
            payload, source = self._socket.recvfrom(65535)
            self.received.append(((source[0], source[1]), payload))


class TurnNetwork:
    """A client's host, a server's host and a peer's host, 10 ms apart, each with both families."""

    SERVER = "198.51.100.1"
    SERVER_V6 = "2001:db8:1::1"

    def __init__(self, seed: int = 0) -> None:
        conditions = LinkConditions(latency=0.01)
        self.network = SimulatedNetwork(seed=seed, conditions=conditions)
        self.client_host = self.network.add_host("client", "192.0.2.1", "2001:db8:2::1")
        self.server_host = self.network.add_host("server", self.SERVER, self.SERVER_V6)
        self.peer_host = self.network.add_host("peer", "203.0.113.1", "2001:db8:3::1")
        self._clients = 0

    def client(
        self,
        *,
        reliable: bool = False,
        family: Family = 4,
        credentials: TurnCredentials = CREDENTIALS,
        config: TurnConfig | None = None,
        server: str = SERVER,
        port: int = 0,
    ) -> TurnOnHost:
        self._clients += 1
        return TurnOnHost(
            self.client_host,
            (server, 3478),
            reliable=reliable,
            family=family,
            credentials=credentials,
            config=config,
            port=port,
            seed=self._clients,
        )

    def peer(self, address: str = "203.0.113.1") -> PeerSocket:
        return PeerSocket(self.peer_host, address)

    def run(self, seconds: float = 1.0) -> None:
        """Let time pass."""
        self.network.clock.advance(self.network.now + seconds)
