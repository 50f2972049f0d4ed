"""Connections that used servers, TCP, restarts and relays leave nothing when they are closed."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from purertc import (
    Configuration,
    IceServer,
    IceTcpPolicy,
    IceTransportPolicy,
    NetworkSettings,
)
from purertc.sansio.types import Address, Transport
from purertc.testing import VirtualEvent, VirtualTask
from tests.support.leftovers import Leftovers, leftovers_of_runs
from tests.support.nat_world import STUN, TURN, TURN_TCP, Peer, World, echoes, negotiate

Use = Callable[[World, Peer, Peer], Awaitable[None]]

RELAY = IceTransportPolicy.RELAY
TCP = NetworkSettings(ice_tcp=IceTcpPolicy.PASSIVE)
UNREACHABLE = IceServer("turn:198.51.100.9", "user", "password")
UNKNOWN = IceServer("stun:nowhere.example")


async def resolve_never(host: str, port: int) -> Sequence[Address]:
    del host, port
    await VirtualEvent().wait()
    return ()


KINDS = {
    "a resolver that hangs": Configuration(
        ice_servers=[STUN, UNKNOWN], network=NetworkSettings(resolver=resolve_never)
    ),
    "all servers": Configuration(ice_servers=[STUN, TURN, TURN_TCP, UNREACHABLE, UNKNOWN]),
    "relays": Configuration(ice_servers=[TURN], ice_transport_policy=RELAY),
    "relays over TCP": Configuration(ice_servers=[TURN_TCP], ice_transport_policy=RELAY),
    "TCP": Configuration(network=TCP),
    "names": Configuration(network=NetworkSettings(obfuscate_host_addresses=True)),
    "pool": Configuration(ice_servers=[STUN, TURN], ice_candidate_pool_size=1),
}


class Connections:
    """As many pairs as are wanted in one world, each used and closed."""

    def __init__(self, configuration: Configuration, use: Use, *, pairs: int, udp: bool) -> None:
        self.world = World.make()
        if not udp:
            self.world.network.partition([self.world.hosts[0]], transport=Transport.UDP)
        self._configuration = configuration
        self._use = use
        self._pairs = pairs

    def run(self) -> None:
        self.world.runtime.run(self._main)
        assert self.world.turn.allocations == []
        assert not any(host.listeners for host in self.world.hosts)
        servers = {*self.world.stun.addresses, *self.world.turn.addresses}
        assert {each.local for each in self.world.network.sockets.values()} <= servers
        assert self.world.network.local_names == {}

    async def _main(self) -> None:
        tasks: list[VirtualTask[None]] = [
            self.world.runtime.start(self._pair()) for _ in range(self._pairs)
        ]
        for task in tasks:
            await task.join()
        await self.world.runtime.sleep(30)

    async def _pair(self) -> None:
        left, right = self.world.peers(configuration=self._configuration)
        try:
            async with left.pc, right.pc:
                await self._use(self.world, left, right)
        finally:
            left.other = right.other = None


async def talk_and_restart(world: World, left: Peer, right: Peer) -> None:
    channel = left.pc.create_data_channel("x")
    await negotiate(left, right)
    async with world.runtime.timeout(30):
        await channel.opened()
        assert await echoes(channel, "before")
        left.pc.restart_ice()
        await negotiate(left, right)
        assert await echoes(channel, "during")
        await world.runtime.sleep(1)
        right.pc.restart_ice()
        await negotiate(right, left)
        await world.runtime.sleep(1)
        assert await echoes(channel, "after")


async def close_in_the_middle(world: World, left: Peer, right: Peer) -> None:
    left.pc.create_data_channel("x")
    await negotiate(left, right)
    await world.runtime.sleep(0.015)
    left.pc.restart_ice()
    await left.pc.set_local_description()


async def fail(world: World, left: Peer, right: Peer) -> None:
    left.pc.create_data_channel("x")
    right.other = None
    await left.pc.set_local_description()
    await world.runtime.sleep(40)


def left_of(use: Callable[[], None]) -> Leftovers:
    """What is left but the simulated network, which is full of cycles itself."""
    left = leftovers_of_runs(use)
    return {name: count for name, count in left.items() if "purertc.testing." not in name}


@pytest.mark.parametrize("kind", KINDS)
def test_fifty_connections_that_restarted(kind: str) -> None:
    configuration, udp = KINDS[kind], kind != "TCP"

    def use() -> None:
        Connections(configuration, talk_and_restart, pairs=25, udp=udp).run()

    assert left_of(use) == {}


@pytest.mark.parametrize("use_pair", [close_in_the_middle, fail])
@pytest.mark.parametrize("kind", KINDS)
def test_connections_that_never_came_about(kind: str, use_pair: Use) -> None:
    configuration, udp = KINDS[kind], kind != "TCP"

    def use() -> None:
        Connections(configuration, use_pair, pairs=5, udp=udp).run()

    assert left_of(use) == {}
