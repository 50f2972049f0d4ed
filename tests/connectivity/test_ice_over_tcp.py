"""Where the network lets no UDP through, ICE goes over TCP (RFC 6544)."""

import pytest

from purertc import (
    Configuration,
    ConnectionState,
    IceTcpPolicy,
    NetworkSettings,
)
from purertc.sansio.types import Transport
from purertc.testing import LinkConditions
from tests.support.conversation import Conversation
from tests.support.nat_world import Peer, World, negotiate

PASSIVE, ACTIVE, NONE = IceTcpPolicy.PASSIVE, IceTcpPolicy.ACTIVE, IceTcpPolicy.NONE


def without_udp(*policies: IceTcpPolicy) -> tuple[World, Peer, Peer]:
    world = World.make()
    world.network.partition([world.hosts[0]], transport=Transport.UDP)
    a, b = (
        world.peer(number, Configuration(network=NetworkSettings(ice_tcp=policy)))
        for number, policy in enumerate(policies)
    )
    a.other, b.other = b, a
    return world, a, b


def assert_over_tcp(*peers: Peer) -> None:
    for peer in peers:
        selected = peer.pc._endpoint.peer.transport.ice.selected
        assert selected is not None
        assert selected.transport is Transport.TCP


@pytest.mark.parametrize(
    "policies",
    [(PASSIVE, ACTIVE), (ACTIVE, PASSIVE), (PASSIVE, PASSIVE)],
    ids=" - ".join,
)
def test_connected_over_tcp_with_large_messages(policies: tuple[IceTcpPolicy, ...]) -> None:
    world, a, b = without_udp(*policies)

    async def main() -> None:
        async with a.pc, b.pc:
            channel = a.pc.create_data_channel("x")
            await negotiate(a, b)
            async with world.runtime.timeout(10):
                await channel.opened()
            assert_over_tcp(a, b)
            for size in (1, 1200, 65535, 262144):
                payload = bytes(index * 7 % 251 for index in range(size))
                async with world.runtime.timeout(20):
                    await channel.send(payload)
                    assert await channel.receive() == payload
        assert a.pc.connection_state is ConnectionState.CLOSED
        assert await world.until(lambda: b.pc.connection_state == "closed", 2)
        assert all(not host.listeners for host in world.hosts)

    world.runtime.run(main)


def test_the_goodbye_arrives_over_tcp() -> None:
    world, a, b = without_udp(PASSIVE, ACTIVE)

    async def main() -> None:
        async with b.pc:
            channel = a.pc.create_data_channel("x")
            await negotiate(a, b)
            await channel.opened()
            await a.pc.close()
            assert await world.until(lambda: b.pc.connection_state == "closed", 1)

    world.runtime.run(main)


@pytest.mark.parametrize("policies", [(PASSIVE, ACTIVE), (PASSIVE, PASSIVE)])
def test_restarts_while_messages_flow(policies: tuple[IceTcpPolicy, ...]) -> None:
    world, a, b = without_udp(*policies)

    async def main() -> None:
        async with a.pc, b.pc:
            talk = Conversation(world.runtime, a, b)
            await negotiate(a, b)
            await a.pc.connected()
            talk.start()
            for number in range(6):
                await world.runtime.sleep(0.5)
                first, second = (a, b) if number % 2 else (b, a)
                first.pc.restart_ice()
                await negotiate(first, second)
            await talk.complete()
            await world.runtime.sleep(10)
            assert_over_tcp(a, b)
            hub = a.pc._endpoint.driver._io
            assert hub is not None

    world.runtime.run(main)


def test_a_cut_heals_over_tcp() -> None:
    world, a, b = without_udp(PASSIVE, ACTIVE)

    async def main() -> None:
        async with a.pc, b.pc:
            talk = Conversation(world.runtime, a, b)
            await negotiate(a, b)
            await a.pc.connected()
            talk.start()
            await world.runtime.sleep(1)
            with world.network.partition([world.hosts[0]]):
                await world.runtime.sleep(12)
                assert a.pc.connection_state is ConnectionState.DISCONNECTED
            await talk.complete()
            assert ConnectionState.FAILED not in a.states + b.states

    world.runtime.run(main)


def test_udp_is_preferred_where_it_works_and_nobody_fails_without_listeners() -> None:
    world = World.make()

    async def main() -> None:
        settings = Configuration(network=NetworkSettings(ice_tcp=PASSIVE))
        a, b = world.peers(configuration=settings)
        async with a.pc, b.pc:
            channel = a.pc.create_data_channel("x")
            await negotiate(a, b)
            await channel.opened()
            await world.runtime.sleep(12)
            selected = a.pc._endpoint.peer.transport.ice.selected
            assert selected is not None
            assert selected.transport is Transport.UDP

    world.runtime.run(main)


def test_both_sides_active_find_no_way() -> None:
    world, a, b = without_udp(ACTIVE, ACTIVE)

    async def main() -> None:
        async with a.pc, b.pc:
            a.pc.create_data_channel("x")
            await negotiate(a, b)
            assert await world.until(lambda: a.pc.connection_state == "failed", 45)

    world.runtime.run(main)


def test_udp_takes_over_when_it_comes_back_soon() -> None:
    world, a, b = without_udp(PASSIVE, ACTIVE)

    async def main() -> None:
        async with a.pc, b.pc:
            talk = Conversation(world.runtime, a, b)
            await negotiate(a, b)
            await a.pc.connected()
            talk.start()
            assert_over_tcp(a, b)
            await world.runtime.sleep(1)
            for partition in list(world.network._partitions):
                partition.heal()
            await talk.complete()
            await world.runtime.sleep(10)
            selected = a.pc._endpoint.peer.transport.ice.selected
            assert selected is not None
            assert selected.transport is Transport.UDP

    world.runtime.run(main)


def test_a_slow_link_carries_all_of_it() -> None:
    """TCP takes what is given to it; the sender still must not run ahead without bound."""
    world, a, b = without_udp(PASSIVE, ACTIVE)
    world.network.set_conditions(LinkConditions(latency=0.05, bandwidth=2_000_000))

    async def main() -> None:
        async with a.pc, b.pc:
            channel = a.pc.create_data_channel("x", negotiated=True, id=1)
            other = b.pc.create_data_channel("x", negotiated=True, id=1)
            await negotiate(a, b)
            await channel.opened()
            task = world.runtime.start(_receive(other))
            for _ in range(20):
                await channel.send(bytes(65536))
            async with world.runtime.timeout(60):
                assert await task.join() == 20 * 65536
            assert ConnectionState.DISCONNECTED not in a.states + b.states

    async def _receive(channel: object) -> int:
        total = 0
        while total < 20 * 65536:
            total += len(await channel.receive())  # type: ignore[attr-defined]
        return total

    world.runtime.run(main)
