"""What goes over relays: large messages, loss, and servers that forget."""

import pytest

from purertc import Configuration, ConnectionState, DataChannel, IceServer, IceTransportPolicy
from purertc.testing import LinkConditions, SimulatedTurnServer
from tests.support.conversation import Conversation
from tests.support.nat_world import TURN, TURN_TCP, Peer, World, negotiate

SIZE = 262144
WAYS = {"udp": TURN, "tcp": TURN_TCP}


def relayed(world: World, server: IceServer) -> tuple[Peer, Peer]:
    return world.peers(
        configuration=Configuration(
            ice_servers=[server], ice_transport_policy=IceTransportPolicy.RELAY
        )
    )


async def flow(world: World, one: DataChannel, other: DataChannel, count: int) -> None:
    """Send large messages one way and check them on arrival."""

    async def take() -> None:
        for number in range(count):
            assert await other.receive() == bytes([number]) * SIZE

    task = world.runtime.start(take())
    for number in range(count):
        await one.send(bytes([number]) * SIZE)
    await task.join()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("loss", [0.0, 0.02])
def test_large_messages(way: str, loss: float) -> None:
    world = World.make()

    async def main() -> None:
        left, right = relayed(world, WAYS[way])
        async with left.pc, right.pc:
            channels = [
                each.pc.create_data_channel("x", negotiated=True, id=1) for each in (left, right)
            ]
            await negotiate(left, right)
            await channels[0].opened()
            world.network.set_conditions(LinkConditions(latency=0.01, loss=loss))
            async with world.runtime.timeout(60):
                await flow(world, channels[0], channels[1], 4)
                await flow(world, channels[1], channels[0], 4)
            assert ConnectionState.DISCONNECTED not in left.states + right.states

    world.runtime.run(main)


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_was_restarted_and_knows_nobody(way: str) -> None:
    world = World.make()

    async def main() -> None:
        left, right = relayed(world, WAYS[way])
        async with left.pc, right.pc:
            talk = Conversation(world.runtime, left, right)
            await negotiate(left, right)
            await left.pc.connected()
            talk.start()
            await world.runtime.sleep(1)
            world.turn.die()
            again = SimulatedTurnServer(world.network.hosts["turn"])
            for peer in (left, right):
                assert await world.until(
                    lambda peer=peer: peer.pc.connection_state != "connected", 20
                )
            left.pc.restart_ice()
            await negotiate(left, right)
            await talk.complete()
            assert len(again.allocations) == 2
        await world.runtime.sleep(1)
        assert again.allocations == []

    world.runtime.run(main)


def test_the_allocation_of_a_server_that_is_not_configured_any_more_is_given_back() -> None:
    world = World.make()
    spare = SimulatedTurnServer(world.network.add_host("spare", "198.51.100.3"))
    to_spare = Configuration(
        ice_servers=[IceServer("turn:198.51.100.3", "user", "password")],
        ice_transport_policy=IceTransportPolicy.RELAY,
    )

    async def main() -> None:
        left, right = relayed(world, TURN)
        async with left.pc, right.pc:
            talk = Conversation(world.runtime, left, right)
            await negotiate(left, right)
            await left.pc.connected()
            talk.start()
            for peer in (left, right):
                peer.pc.set_configuration(to_spare)
            left.pc.restart_ice()
            await negotiate(left, right)
            await talk.complete()
            await world.runtime.sleep(30)
            assert len(spare.allocations) == 2
            assert world.turn.allocations == []

    world.runtime.run(main)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("noticed", [False, True], ids=["half dead", "address gone"])
def test_a_restart_when_the_way_to_the_relay_is_dead(way: str, noticed: bool) -> None:
    """A living allocation that cannot be reached any more is replaced, in time."""
    world = World.make()

    async def main() -> None:
        left, right = relayed(world, WAYS[way])
        async with left.pc, right.pc:
            talk = Conversation(world.runtime, left, right)
            await negotiate(left, right)
            await left.pc.connected()
            talk.start()
            await world.runtime.sleep(1)
            host = world.hosts[0]
            if noticed:
                host.remove_address("203.0.113.10")
                host.add_address("203.0.113.70")
            else:
                # The old address still seems to be there, and leads nowhere.
                host.add_address("203.0.113.70")
                world.network.partition(["203.0.113.10"])
            await world.runtime.sleep(6)
            if not noticed:
                host.remove_address("203.0.113.10")
            left.pc.restart_ice()
            await negotiate(left, right)
            await talk.complete(30)

    world.runtime.run(main)
