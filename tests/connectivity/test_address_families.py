"""IPv6 alone, link-local addresses, and relays of the other family."""

from purertc import Configuration, IceServer, IceTransportPolicy
from purertc.testing import (
    SimulatedNetwork,
    SimulatedStunServer,
    SimulatedTurnServer,
    VirtualRuntime,
)
from tests.support.nat_world import Peer, World, echoes, negotiate

TURN6 = IceServer("turn:[2001:db8:1::2]", "user", "password")
TURN6_TCP = IceServer("turn:[2001:db8:1::2]?transport=tcp", "user", "password")
STUN6 = IceServer("stun:[2001:db8:1::1]")


def world_of(*addresses: tuple[str, ...]) -> World:
    network = SimulatedNetwork(seed=1)
    a, b = (network.add_host(name, *each) for name, each in zip("AB", addresses, strict=True))
    stun = SimulatedStunServer(network.add_host("stun", "198.51.100.1", "2001:db8:1::1"))
    turn = SimulatedTurnServer(network.add_host("turn", "198.51.100.2", "2001:db8:1::2"))
    return World(network, VirtualRuntime(seed=1, network=network), stun, turn, (a, b))


async def talk(world: World, left: Peer, right: Peer) -> None:
    channel = left.pc.create_data_channel("x")
    await negotiate(left, right)
    async with world.runtime.timeout(20):
        await channel.opened()
        assert await echoes(channel, "through")


def test_ipv6_alone_with_servers_of_that_family() -> None:
    world = world_of(("2001:db8::1",), ("2001:db8::2",))

    async def main() -> None:
        left, right = world.peers([STUN6, TURN6, TURN6_TCP])
        async with left.pc, right.pc:
            await talk(world, left, right)
            await left.pc.gathering_complete()
            assert left.errors == []
            assert left.kinds == ["host", "relay"]
        await world.runtime.sleep(1)
        assert world.turn.allocations == []

    world.runtime.run(main)


def test_relays_of_ipv6_carry_everything() -> None:
    world = world_of(("2001:db8::1",), ("2001:db8::2",))
    SimulatedTurnServer(world.network.add_host("IPv6 only", "2001:db8:1::6"))
    urls = ["turn:[2001:db8:1::6]", "turn:[2001:db8:1::6]?transport=tcp"]
    configuration = Configuration(
        ice_servers=[IceServer(urls, "user", "password")],
        ice_transport_policy=IceTransportPolicy.RELAY,
    )

    async def main() -> None:
        left, right = world.peers(configuration=configuration)
        async with left.pc, right.pc:
            await talk(world, left, right)
            selected = left.pc._endpoint.peer.transport.ice.selected
            assert selected is not None
            assert selected.local_address[0] == "2001:db8:1::6"

    world.runtime.run(main)


def test_one_side_has_ipv4_the_other_ipv6_and_a_relay_has_both() -> None:
    world = world_of(("192.0.2.1",), ("2001:db8::2",))
    turn = IceServer("turn:turn", "user", "password")

    async def main() -> None:
        left, right = world.peers([turn])
        async with left.pc, right.pc:
            await talk(world, left, right)

    world.runtime.run(main)


def test_a_server_without_ipv6_relays_costs_an_error_at_most() -> None:
    world = world_of(("192.0.2.1", "2001:db8::1"), ("192.0.2.2", "2001:db8::2"))
    SimulatedTurnServer(world.network.add_host("old", "198.51.100.3"))
    old = IceServer("turn:198.51.100.3", "user", "password")

    async def main() -> None:
        left, right = world.peers([old])
        async with left.pc, right.pc:
            await talk(world, left, right)
            await left.pc.gathering_complete()
            assert "relay" in left.kinds

    world.runtime.run(main)


def test_link_local_addresses_alone() -> None:
    world = world_of(("fe80::1%eth0",), ("fe80::2%eth0",))

    async def main() -> None:
        left, right = world.peers()
        async with left.pc, right.pc:
            await talk(world, left, right)

    world.runtime.run(main)


def test_both_families_prefer_ipv6_or_ipv4_but_connect_once() -> None:
    world = world_of(("192.0.2.1", "2001:db8::1"), ("192.0.2.2", "2001:db8::2"))
    world.network.partition(["2001:db8::1"])

    async def main() -> None:
        left, right = world.peers()
        async with left.pc, right.pc:
            await talk(world, left, right)
            selected = left.pc._endpoint.peer.transport.ice.selected
            assert selected is not None
            assert selected.local_address[0] == "192.0.2.1"

    world.runtime.run(main)
