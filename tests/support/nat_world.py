"""Two peers behind translators, with STUN and TURN servers, under virtual time."""

from collections.abc import Sequence
from dataclasses import dataclass

from purertc import (
    Configuration,
    ConnectionState,
    DataChannel,
    IceCandidate,
    IceServer,
    PeerConnection,
    PeerConnectionHandler,
    SessionDescription,
)
from purertc.sansio.types import IceCandidateError
from purertc.testing import (
    NatKind,
    SimulatedHost,
    SimulatedNetwork,
    SimulatedStunServer,
    SimulatedTurnServer,
    VirtualRuntime,
)

__all__ = ["STUN", "TURN", "TURN_TCP", "Peer", "World", "copied", "echoes", "negotiate"]

STUN = IceServer("stun:198.51.100.1")
TURN = IceServer("turn:198.51.100.2", "user", "password")
TURN_TCP = IceServer("turn:198.51.100.2?transport=tcp", "user", "password")


class Peer(PeerConnectionHandler):
    """One side, which sends its candidates to ``other`` as they come."""

    def __init__(self, pc: PeerConnection) -> None:
        self.pc = pc
        self.other: Peer | None = None
        self.candidates: list[IceCandidate | None] = []
        self.errors: list[IceCandidateError] = []
        self.states: list[ConnectionState] = []
        self.received: list[str | bytes] = []
        pc.attach(self)

    @property
    def kinds(self) -> list[str]:
        """The types of the local candidates, each once, in order."""
        texts = [each.candidate for each in self.candidates if each is not None]
        return list(dict.fromkeys(text.split(" typ ")[1].split()[0] for text in texts))

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        self.candidates.append(candidate)
        if self.other is not None:
            await self.other.pc.add_ice_candidate(candidate)

    async def on_ice_candidate_error(self, error: IceCandidateError) -> None:
        self.errors.append(error)

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        self.states.append(state)

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            self.received.append(message)
            await channel.send(message)


@dataclass
class World:
    """The network: A at 10.0.0.2 and B at 10.1.0.2, each behind a NAT or not."""

    network: SimulatedNetwork
    runtime: VirtualRuntime
    stun: SimulatedStunServer
    turn: SimulatedTurnServer
    hosts: tuple[SimulatedHost, SimulatedHost]

    @classmethod
    def make(cls, a: NatKind | None = None, b: NatKind | None = None, *, seed: int = 1) -> "World":
        network = SimulatedNetwork(seed=seed)
        hosts = []
        for number, (name, kind) in enumerate((("A", a), ("B", b))):
            if kind is None:
                hosts.append(network.add_host(name, f"203.0.113.{number + 10}"))
            else:
                nat = network.add_nat(f"nat {name}", kind, f"203.0.113.{number + 1}")
                hosts.append(network.add_host(name, f"10.{number}.0.2", nat=nat))
        stun = SimulatedStunServer(network.add_host("stun", "198.51.100.1"))
        turn = SimulatedTurnServer(network.add_host("turn", "198.51.100.2"))
        return cls(
            network, VirtualRuntime(seed=seed, network=network), stun, turn, (hosts[0], hosts[1])
        )

    def peer(self, number: int, configuration: Configuration) -> Peer:
        """Make a connection on one of the two hosts."""
        runtime = self.runtime.on(self.hosts[number])
        return Peer(PeerConnection(configuration=configuration, runtime=runtime))

    def peers(
        self, servers: Sequence[IceServer] = (), *, configuration: Configuration | None = None
    ) -> tuple[Peer, Peer]:
        """Make both sides, joined by signalling."""
        settings = configuration or Configuration(ice_servers=servers)
        a, b = self.peer(0, settings), self.peer(1, settings)
        a.other, b.other = b, a
        return a, b

    async def until(self, condition: object, limit: float = 60.0) -> bool:
        """Wait until a function holds; False after ``limit`` virtual seconds."""
        end = self.runtime.now() + limit
        while not condition():  # type: ignore[operator]
            if self.runtime.now() >= end:
                return False
            await self.runtime.sleep(0.05)
        return True


async def negotiate(offerer: Peer, answerer: Peer) -> None:
    """Exchange offer and answer as they are, without waiting for candidates."""
    await offerer.pc.set_local_description()
    await answerer.pc.set_remote_description(copied(offerer.pc.local_description))
    await answerer.pc.set_local_description()
    await offerer.pc.set_remote_description(copied(answerer.pc.local_description))


def copied(description: SessionDescription | None) -> SessionDescription:
    """The description as signalling carries it."""
    assert description is not None
    return SessionDescription.from_json(description.to_json())


async def echoes(channel: DataChannel, text: str) -> bool:
    """Whether a message comes back."""
    await channel.send(text)
    return await channel.receive() == text
