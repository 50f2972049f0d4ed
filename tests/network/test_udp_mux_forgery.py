"""What strangers send to a shared port disturbs nobody, and nobody takes another's flow."""

import random
from contextlib import AbstractAsyncContextManager

from purertc import PeerConnection, UdpMux
from purertc.testing import LinkConditions, SimulatedNetwork, SimulatedSocket, VirtualRuntime
from purertc.wire.stun import Attribute, MessageClass, StunMessage
from tests.support.muxed import MuxedPair, muxed_pair, ping

SERVER = "192.0.2.1"
VICTIM = "198.51.100.1"


def request(username: str, number: int) -> bytes:
    message = StunMessage(MessageClass.REQUEST, number.to_bytes(12))
    message.attributes[Attribute.USERNAME] = username.encode()
    message.attributes[Attribute.PRIORITY] = bytes(4)
    message.attributes[Attribute.USE_CANDIDATE] = b""
    message.attributes[Attribute.ICE_CONTROLLING] = bytes(8)
    return message.to_bytes(b"guessed")


def username_of(pc: PeerConnection) -> str:
    assert pc.local_description is not None
    lines = pc.local_description.sdp.splitlines()
    return next(line.partition(":")[2] for line in lines if line.startswith("a=ice-ufrag:"))


class World:
    def __init__(self) -> None:
        self.network = SimulatedNetwork(seed=1, conditions=LinkConditions(latency=0.01))
        self.server = self.network.add_host("server", SERVER)
        self.clients = [
            self.network.add_host("victim", VICTIM),
            self.network.add_host("other", "198.51.100.2"),
        ]
        self.runtime = VirtualRuntime(network=self.network)

    def forge(self, mux: UdpMux, payload: bytes, source: tuple[str, int]) -> None:
        """Let a datagram arrive as if ``source`` had sent it."""
        sock = self.server.socket_at(mux.addresses[0])
        assert isinstance(sock, SimulatedSocket)
        assert sock.arrive(payload, source)

    def source_of(self, pair: MuxedPair) -> tuple[str, int]:
        selected = pair.client._endpoint.peer.transport.ice.selected
        assert selected is not None
        return selected.local_address

    def pair(self, mux: UdpMux, client: int) -> AbstractAsyncContextManager[MuxedPair]:
        return muxed_pair(
            mux, None, self.runtime.on(self.clients[client]), self.runtime.on(self.server)
        )

    def mux(self) -> UdpMux:
        return UdpMux(runtime=self.runtime.on(self.server))


def test_forged_requests_take_no_flow() -> None:
    world = World()

    async def main() -> None:
        async with world.mux() as mux, world.pair(mux, 0) as victim, world.pair(mux, 1) as other:
            source = world.source_of(victim)
            assert source[0] == VICTIM
            name = username_of(other.served)
            for number in range(200):
                world.forge(mux, request(f"{name}:abcd", number), source)
                if number % 20 == 0:
                    assert await ping(victim, f"{number}") == f"{number}"
                    assert await ping(other, f"{number}") == f"{number}"
            assert await ping(victim, "the last ones were read") == "the last ones were read"
            assert mux.refused == 200

    world.runtime.run(main)


def test_a_flood_of_anything_is_counted_and_disturbs_nobody() -> None:
    world = World()
    chance = random.Random(5)

    async def main() -> None:
        async with world.mux() as mux, world.pair(mux, 0) as pair:
            before = mux.dropped
            for number in range(2000):
                stranger = f"203.0.113.{number % 250}", 1024 + number
                payload = chance.choice(
                    [
                        chance.randbytes(chance.randrange(80)),
                        request("nobody:x", number),
                        request("", number),
                        b"\x01\x01" + chance.randbytes(30),
                    ]
                )
                world.forge(mux, payload, stranger)
                if number % 100 == 0:
                    assert await ping(pair, f"{number}") == f"{number}"
                    assert table_size(mux) < 50
            await ping(pair, "the last ones were read")
            assert mux.dropped - before == 2000

    world.runtime.run(main)


def table_size(mux: UdpMux) -> int:
    return sum(shared.routes.size for shared in mux._sockets.shared.values())
