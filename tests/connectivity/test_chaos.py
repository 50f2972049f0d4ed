"""Whatever befalls a connection whose sides may talk to each other, nothing is lost on it."""

from collections.abc import Awaitable, Callable
from random import Random

import pytest

from purertc import Configuration, ConnectionState, IceTcpPolicy, NetworkSettings
from purertc.signaling import AutomaticIceRestart
from purertc.testing import LinkConditions, NatKind
from tests.support.conversation import Conversation
from tests.support.nat_world import STUN, TURN, TURN_TCP, Peer, World
from tests.support.negotiated import Negotiated

Trouble = Callable[["Chaos"], Awaitable[None]]


class Chaos:
    """A pair of peers and a source of troubles for them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        kinds = [None, None, NatKind.FULL_CONE, NatKind.PORT_RESTRICTED, NatKind.SYMMETRIC]
        self.world = World.make(self.random.choice(kinds), self.random.choice(kinds), seed=seed)
        tcp = self.random.choice([IceTcpPolicy.ACTIVE, IceTcpPolicy.PASSIVE])
        self.peers = self.world.peers(
            configuration=Configuration(
                ice_servers=[STUN, TURN, TURN_TCP], network=NetworkSettings(ice_tcp=tcp)
            )
        )
        self._next_host = 100

    async def pause(self, longest: float) -> None:
        await self.world.runtime.sleep(self.random.random() * longest)

    async def restart(self) -> None:
        self.random.choice(self.peers).pc.restart_ice()

    async def restart_both(self) -> None:
        for peer in self.peers:
            peer.pc.restart_ice()

    async def cut(self) -> None:
        with self.world.network.partition([self.world.hosts[0]]):
            await self.pause(15)

    async def cut_the_direct_way(self) -> None:
        with self.world.network.partition([self.world.hosts[0]], [self.world.hosts[1]]):
            await self.pause(40)

    async def move(self) -> None:
        host = self.random.choice(self.world.hosts)
        prefix = host.addresses[0].rpartition(".")[0]
        host.remove_address(host.addresses[0])
        await self.pause(10)
        self._next_host += 1
        host.add_address(f"{prefix}.{self._next_host}")

    async def forget_mappings(self) -> None:
        for host in self.world.hosts:
            if host.nat is not None:
                host.nat.table.forget()

    async def lose_packets(self) -> None:
        self.world.network.set_conditions(LinkConditions(latency=0.02, loss=0.1))
        await self.pause(10)
        self.world.network.set_conditions(LinkConditions())

    async def lose_servers(self) -> None:
        self.world.turn.silent = self.world.stun.silent = True
        await self.pause(20)
        self.world.turn.silent = self.world.stun.silent = False

    async def expire_nonces(self) -> None:
        self.world.turn.access.expire_nonces()


TROUBLES: list[Trouble] = [
    Chaos.restart,
    Chaos.restart_both,
    Chaos.cut,
    Chaos.cut_the_direct_way,
    Chaos.move,
    Chaos.forget_mappings,
    Chaos.lose_packets,
    Chaos.lose_servers,
    Chaos.expire_nonces,
]


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_lost(seed: int) -> None:
    chaos = Chaos(seed)
    world, (left, right) = chaos.world, chaos.peers

    async def main() -> None:
        async with left.pc, right.pc:
            talk = Conversation(world.runtime, left, right, count=400, interval=0.1)
            Negotiated(world, left, right)
            for peer in (left, right):
                AutomaticIceRestart(peer.pc, longest_pause=10)
            assert await world.until(lambda: left.pc.connection_state == "connected", 20)
            talk.start()
            for _ in range(8):
                await chaos.random.choice(TROUBLES)(chaos)
                await chaos.pause(4)
            await talk.complete(300)
            assert await world.until(lambda: is_settled(left) and is_settled(right), 60)
        await world.runtime.sleep(700)
        assert world.turn.allocations == []
        assert not any(host.listeners for host in world.hosts)

    world.runtime.run(main)


def is_settled(peer: Peer) -> bool:
    ice = peer.pc._endpoint.peer.transport.ice
    return peer.pc.connection_state is ConnectionState.CONNECTED and not ice.restarting
