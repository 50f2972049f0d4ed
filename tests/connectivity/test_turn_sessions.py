"""Allocations, permissions and channels outlive an hour, and are given back at the end.

The left side reaches the server over UDP, the right one over TCP.
"""

from purertc import Configuration, ConnectionState, DataChannel, IceTransportPolicy
from tests.support.nat_world import TURN, TURN_TCP, Peer, World, echoes, negotiate

HOUR = 3600.0


def relayed(world: World) -> tuple[Peer, Peer]:
    left, right = (
        world.peer(
            number,
            Configuration(ice_servers=[server], ice_transport_policy=IceTransportPolicy.RELAY),
        )
        for number, server in enumerate((TURN, TURN_TCP))
    )
    left.other, right.other = right, left
    return left, right


async def connect(left: Peer, right: Peer) -> DataChannel:
    channel = left.pc.create_data_channel("x")
    await negotiate(left, right)
    await channel.opened()
    return channel


def test_an_hour_without_messages() -> None:
    world = World.make()

    async def main() -> None:
        left, right = relayed(world)
        async with left.pc, right.pc:
            channel = await connect(left, right)
            await world.runtime.sleep(HOUR)
            assert len(world.turn.allocations) == 2
            assert await echoes(channel, "still there")
            assert left.states == [ConnectionState.CONNECTING, ConnectionState.CONNECTED]
        await world.runtime.sleep(1)
        assert world.turn.allocations == []

    world.runtime.run(main)


def test_an_hour_with_messages_mostly_over_channels() -> None:
    world = World.make()

    async def main() -> None:
        left, right = relayed(world)
        async with left.pc, right.pc:
            channel = await connect(left, right)
            for minute in range(60):
                assert await echoes(channel, f"{minute}" * 400)
                await world.runtime.sleep(60)
            for allocation in world.turn.allocations:
                assert len(allocation.channels) == 1
                assert allocation.delivered > 500
            assert left.states == [ConnectionState.CONNECTING, ConnectionState.CONNECTED]
        await world.runtime.sleep(1)
        assert world.turn.allocations == []

    world.runtime.run(main)


def test_stale_nonces_all_the_time() -> None:
    world = World.make()
    world.turn.access.nonce_lifetime = 30.0

    async def main() -> None:
        left, right = relayed(world)
        async with left.pc, right.pc:
            channel = await connect(left, right)
            for _ in range(12):
                await world.runtime.sleep(150)
                world.turn.access.expire_nonces()
                assert await echoes(channel, "fresh")
            assert left.states == [ConnectionState.CONNECTING, ConnectionState.CONNECTED]
        # The goodbye over UDP bears a stale nonce, and nobody waits for the answer.
        await world.runtime.sleep(600)
        assert world.turn.allocations == []

    world.runtime.run(main)


def test_another_realm_in_the_middle_of_a_session() -> None:
    world = World.make()

    async def main() -> None:
        left, right = relayed(world)
        async with left.pc, right.pc:
            channel = await connect(left, right)
            world.turn.access.realm = "moved.test"
            world.turn.access.expire_nonces()
            for _ in range(6):
                await world.runtime.sleep(300)
                assert await echoes(channel, "still there")
            assert left.states == [ConnectionState.CONNECTING, ConnectionState.CONNECTED]
        await world.runtime.sleep(1)
        assert world.turn.allocations == []

    world.runtime.run(main)


def test_no_allocation_is_left_when_the_close_comes_during_gathering() -> None:
    for delay in (0.0, 0.005, 0.011, 0.021, 0.025, 0.031, 0.041):
        world = World.make()

        async def main(world: World = world, delay: float = delay) -> None:
            left, _ = relayed(world)
            left.other = None
            async with left.pc:
                left.pc.create_data_channel("x")
                await left.pc.set_local_description()
                await world.runtime.sleep(delay)
            await world.runtime.sleep(HOUR)
            assert world.turn.allocations == []

        world.runtime.run(main)
