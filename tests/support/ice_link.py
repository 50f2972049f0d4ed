"""ICE agents joined by a seeded link on virtual time."""

import heapq
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from purertc.sansio.ice import IceAgent, IceConfig, IceEvent, IceStateChanged
from purertc.sansio.ice.candidates import ACTIVE_PORT
from purertc.sansio.types import Address, IceConnectionState, Transmit, Transport
from purertc.wire.candidate import Candidate

START = 1000.0


@dataclass
class Node:
    """One agent with its sockets and what it has said so far."""

    name: str
    agent: IceAgent
    events: list[IceEvent] = field(default_factory=list)
    sockets: list[Address] = field(default_factory=list)
    relays: list[Address] = field(default_factory=list)
    listeners: list[Address] = field(default_factory=list)
    datagrams: list[bytes] = field(default_factory=list)

    @property
    def sent(self) -> int:
        return len(self.datagrams)

    @property
    def requests(self) -> list[bytes]:
        return [data for data in self.datagrams if data[:2] == b"\0\1"]

    @property
    def states(self) -> list[IceConnectionState]:
        return [event.state for event in self.events if isinstance(event, IceStateChanged)]

    @property
    def reasons(self) -> list[str]:
        return [
            event.reason
            for event in self.events
            if isinstance(event, IceStateChanged) and event.reason is not None
        ]


class IceLink:
    """Carries datagrams between two agents; never sleeps.

    ``loss`` is the probability that a datagram disappears, ``delay`` the one-way time in
    seconds. ``blocked`` holds (source, destination) hosts between which nothing passes, and
    ``translate`` maps a sender's address to what the receiver sees (a NAT in between). What goes
    over TCP is not lost, and arrives from a port that stands for the connection.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        loss: float = 0.0,
        delay: float = 0.005,
        config: IceConfig | None = None,
    ) -> None:
        self.now = START
        self.random = random.Random(seed)
        self.loss = loss
        self.delay = delay
        self.blocked: set[tuple[str, str]] = set()
        self.translate: dict[Address, Address] = {}
        self.tamper: Callable[[bytes], bytes] = bytes
        self._in_flight: list[tuple[float, int, Address, Transmit]] = []
        self.streams: dict[tuple[Address, Address], Address] = {}
        self._count = 0
        settings = config or IceConfig()
        self.a = Node("a", IceAgent(settings, self.random.randbytes))
        self.b = Node("b", IceAgent(settings, self.random.randbytes))
        self.a.agent.set_role(controlling=True)

    @property
    def nodes(self) -> tuple[Node, Node]:
        return self.a, self.b

    def signal(
        self,
        a_addresses: Iterable[Address],
        b_addresses: Iterable[Address],
        *,
        end: bool = True,
    ) -> None:
        """Bind the sockets and exchange candidates and parameters both ways at once."""
        from_a = [self.bind(self.a, address) for address in a_addresses]
        from_b = [self.bind(self.b, address) for address in b_addresses]
        for node, other, theirs in ((self.a, self.b, from_b), (self.b, self.a, from_a)):
            self.introduce(node, other)
            for candidate in theirs:
                node.agent.add_remote_candidate(candidate, self.now)
            if end:
                node.agent.end_of_local_candidates(self.now)
                node.agent.end_of_remote_candidates(self.now)
        self.drain()

    def bind(self, node: Node, address: Address) -> Candidate:
        """Give a node a socket."""
        node.sockets.append(address)
        return node.agent.add_local_address(address, self.now)

    def relay(self, node: Node, relayed: Address) -> Candidate:
        """Give a node an address on a relay."""
        node.relays.append(relayed)
        return node.agent.add_relayed(relayed, None, self.now)

    def listen(self, node: Node, address: Address) -> Candidate:
        """Give a node a listening TCP socket."""
        node.listeners.append(address)
        return node.agent.add_tcp_passive(address, self.now)

    def cut_streams(self) -> None:
        """Close all TCP connections; both ends are told."""
        streams, self.streams = self.streams, {}
        for (host, listener), source in streams.items():
            for node in self.nodes:
                node.agent.lose_stream(listener, host, "closed by the other side", self.now)
                node.agent.lose_stream(source, listener, "closed by the other side", self.now)
        self.drain()

    def restart(self) -> None:
        """Let both sides begin a new generation with the sockets and relays they have."""
        candidates = []
        for node in self.nodes:
            node.agent.restart(self.now)
            candidates.append(self.add_bases_again(node))
        self.exchange(candidates[0], candidates[1])

    def add_bases_again(self, node: Node) -> list[Candidate]:
        """Give the new generation of a node all its bases; return their candidates."""
        sockets = [node.agent.add_local_address(address, self.now) for address in node.sockets]
        relays = [node.agent.add_relayed(address, None, self.now) for address in node.relays]
        return sockets + relays

    def exchange(self, from_a: list[Candidate], from_b: list[Candidate]) -> None:
        """Signal parameters and candidates both ways, and that these are all."""
        for node, other, theirs in ((self.a, self.b, from_b), (self.b, self.a, from_a)):
            self.introduce(node, other)
            for candidate in theirs:
                node.agent.add_remote_candidate(candidate, self.now)
            node.agent.end_of_local_candidates(self.now)
            node.agent.end_of_remote_candidates(self.now)
        self.drain()

    def unbind(self, node: Node, address: Address) -> None:
        """Let a socket of a node die."""
        node.sockets.remove(address)
        node.agent.remove_local_address(address, self.now)
        self.drain()

    def introduce(self, node: Node, other: Node) -> None:
        """Tell a node the other's parameters."""
        node.agent.set_remote_parameters(other.agent.local_parameters, self.now)

    def drain(self) -> None:
        """Collect what the agents want to send and what they have to tell."""
        for node in self.nodes:
            for transmit in node.agent.transmits():
                node.datagrams.append(transmit.payload)
                self._send(transmit)
            while (event := node.agent.next_event()) is not None:
                node.events.append(event)

    def step(self, until: float) -> bool:
        """Move time to the next thing that happens before ``until``; False when there is none."""
        times = [node.agent.next_deadline() for node in self.nodes]
        times.append(self._in_flight[0][0] if self._in_flight else None)
        at = min((time for time in times if time is not None), default=None)
        if at is None or at > until:
            self.now = max(self.now, until)
            return False
        self.now = max(self.now, at)
        while self._in_flight and self._in_flight[0][0] <= self.now:
            _, _, source, transmit = heapq.heappop(self._in_flight)
            self._deliver(transmit, source)
        for node in self.nodes:
            deadline = node.agent.next_deadline()
            if deadline is not None and deadline <= self.now:
                node.agent.handle_timeout(self.now)
                self.drain()
        return True

    def run(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        until = self.now + seconds
        while self.step(until):
            pass

    def run_until(self, condition: Callable[[], bool], seconds: float = 60.0) -> float:
        """Run until ``condition`` holds; return how long it took."""
        began, until = self.now, self.now + seconds
        while not condition():
            if not self.step(until):
                raise AssertionError(
                    f"not within {seconds} s:\n{self.a.agent.describe()}\n{self.b.agent.describe()}"
                )
        return self.now - began

    def connect(self, seconds: float = 60.0) -> float:
        """Run until both sides are connected; return how long it took."""
        return self.run_until(self.connected, seconds)

    def connected(self) -> bool:
        return all(
            node.agent.state in (IceConnectionState.CONNECTED, IceConnectionState.COMPLETED)
            for node in self.nodes
        )

    def block(self, first: str, second: str) -> None:
        """Let nothing pass between two hosts."""
        self.blocked |= {(first, second), (second, first)}

    def unblock(self) -> None:
        self.blocked.clear()

    def _send(self, transmit: Transmit) -> None:
        if (transmit.local[0], transmit.destination[0]) in self.blocked:
            return
        if transmit.transport is Transport.TCP:
            self._send_over_stream(transmit)
            return
        if self.random.random() < self.loss:
            return
        source = self.translate.get(transmit.local, transmit.local)
        destination = self._untranslate(transmit.destination)
        self._push(source, Transmit(self.tamper(transmit.payload), destination, transmit.local))

    def _push(self, source: Address, transmit: Transmit) -> None:
        self._count += 1
        heapq.heappush(self._in_flight, (self.now + self.delay, self._count, source, transmit))

    def _send_over_stream(self, transmit: Transmit) -> None:
        """Carry a packet over the TCP connection of its pair, which an active base opens."""
        base, remote = transmit.local, transmit.destination
        if base[1] == ACTIVE_PORT:
            known = (*self.a.listeners, *self.b.listeners)
            if remote not in known:
                return
            port = 40000 + len(self.streams)
            source = self.streams.setdefault((base, remote), (base[0], port))
            destination = remote
        else:
            ends = [ends for ends, source in self.streams.items() if source == remote]
            if not ends:
                return
            source, destination = base, ends[0][0]
        self._push(source, Transmit(transmit.payload, destination, base, transport=Transport.TCP))

    def _deliver(self, transmit: Transmit, source: Address) -> None:
        node = self._owner(transmit.destination, transmit.transport)
        if node is not None:
            node.agent.receive(
                transmit.payload, source, transmit.destination, self.now, transmit.transport
            )
            self.drain()

    def _untranslate(self, destination: Address) -> Address:
        for inside, outside in self.translate.items():
            if outside == destination:
                return inside
        return destination

    def _owner(self, address: Address, transport: Transport) -> Node | None:
        for node in self.nodes:
            if transport is Transport.UDP:
                owned = address in node.sockets or address in node.relays
            else:
                active = [host for host, _ in self.streams if host not in node.listeners]
                owned = address in node.listeners or (
                    address in active and address[0] in {host for host, _ in node.sockets}
                )
            if owned:
                return node
        return None
