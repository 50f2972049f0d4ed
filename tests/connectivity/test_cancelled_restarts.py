"""Restarts that are given up half-way leave a connection that works and can be restarted."""

import pytest

from purertc import ConnectionState, SdpType, SessionDescription, SignalingState
from tests.support.conversation import Conversation
from tests.support.nat_world import STUN, TURN, Peer, World, copied, negotiate

ROLLBACK = SessionDescription(SdpType.ROLLBACK)


async def begin(world: World, left: Peer, right: Peer) -> Conversation:
    talk = Conversation(world.runtime, left, right)
    await negotiate(left, right)
    await left.pc.connected()
    talk.start()
    await world.runtime.sleep(0.5)
    return talk


async def end(world: World, talk: Conversation, left: Peer, right: Peer) -> None:
    """A restart by each side, which works as ever."""
    for first, second in ((left, right), (right, left)):
        first.pc.restart_ice()
        await negotiate(first, second)
        await world.runtime.sleep(0.5)
    await talk.complete()
    assert left.pc.connection_state is ConnectionState.CONNECTED
    assert ConnectionState.DISCONNECTED not in left.states + right.states


def test_an_offer_that_was_made_and_not_applied() -> None:
    world = World.make()

    async def main() -> None:
        left, right = world.peers([STUN, TURN])
        async with left.pc, right.pc:
            talk = await begin(world, left, right)
            before = left.pc._endpoint.peer.transport.ice.local_parameters
            for _ in range(5):
                offer = await left.pc.create_offer(ice_restart=True)
                assert before.username_fragment not in offer.sdp
            assert left.pc._endpoint.peer.transport.ice.local_parameters == before
            plain = await left.pc.create_offer()
            assert before.username_fragment in plain.sdp
            await left.pc.set_local_description(plain)
            await right.pc.set_remote_description(copied(left.pc.local_description))
            await right.pc.set_local_description()
            await left.pc.set_remote_description(copied(right.pc.local_description))
            assert left.pc._endpoint.peer.transport.ice.local_parameters == before
            await end(world, talk, left, right)

    world.runtime.run(main)


@pytest.mark.parametrize("delay", [0.0, 0.001, 0.05, 2.0])
@pytest.mark.parametrize("told", [False, True], ids=["nobody heard", "the other side heard"])
def test_an_offer_that_is_rolled_back(delay: float, told: bool) -> None:
    world = World.make()

    async def main() -> None:
        left, right = world.peers([STUN, TURN])
        async with left.pc, right.pc:
            talk = await begin(world, left, right)
            before = left.pc._endpoint.peer.transport.ice.local_parameters
            left.other = right if told else None
            left.pc.restart_ice()
            await left.pc.set_local_description()
            if told:
                await right.pc.set_remote_description(copied(left.pc.local_description))
            await world.runtime.sleep(delay)
            await left.pc.set_local_description(ROLLBACK)
            if told:
                await right.pc.set_remote_description(ROLLBACK)
            assert left.pc.signaling_state is SignalingState.STABLE
            assert right.pc.signaling_state is SignalingState.STABLE
            assert left.pc._endpoint.peer.transport.ice.local_parameters == before
            left.other = right
            await world.runtime.sleep(1)
            await end(world, talk, left, right)

    world.runtime.run(main)


@pytest.mark.parametrize("turns", range(6))
def test_a_negotiation_that_is_cancelled_and_done_again(turns: int) -> None:
    world = World.make()

    async def main() -> None:
        left, right = world.peers([STUN, TURN])
        async with left.pc, right.pc:
            talk = await begin(world, left, right)
            for call in (
                lambda: left.pc.create_offer(ice_restart=True),
                left.pc.set_local_description,
                left.pc.gathering_complete,
            ):
                left.pc.restart_ice()
                task = world.runtime.start(call())
                for _ in range(turns):
                    await world.runtime.sleep(0)
                task.cancel()
                await world.runtime.sleep(0.01)
            if left.pc.signaling_state is not SignalingState.STABLE:
                await left.pc.set_local_description(ROLLBACK)
            await end(world, talk, left, right)

    world.runtime.run(main)


def test_a_close_in_the_middle_of_a_restart_gives_everything_back() -> None:
    for delay in (0.0, 0.005, 0.015, 0.025, 0.035, 0.05, 0.1):
        world = World.make()

        async def main(world: World = world, delay: float = delay) -> None:
            left, right = world.peers([STUN, TURN])
            async with left.pc, right.pc:
                channel = left.pc.create_data_channel("x")
                await negotiate(left, right)
                await channel.opened()
                await left.pc.gathering_complete()
                left.pc.restart_ice()
                await negotiate(left, right)
                await world.runtime.sleep(delay)
            await world.runtime.sleep(1)
            assert world.turn.allocations == []

        world.runtime.run(main)
