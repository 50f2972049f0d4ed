"""Servers that refuse or lie cost their candidates, never the healthy connection."""

import pytest

from purertc import ConnectionState, IceServer
from purertc.testing import SimulatedTurnServer, TurnLie
from tests.support.conversation import Conversation
from tests.support.nat_world import STUN, Peer, World, negotiate

URLS = ["turn:198.51.100.66", "turn:198.51.100.66?transport=tcp"]
BAD = IceServer(URLS, "user", "password")


def with_bad_server(quota: int | None = None) -> tuple[World, SimulatedTurnServer]:
    world = World.make()
    host = world.network.add_host("bad", "198.51.100.66")
    return world, SimulatedTurnServer(host, quota=quota)


async def talk_directly(world: World, left: Peer, right: Peer) -> None:
    talk = Conversation(world.runtime, left, right, count=100)
    await negotiate(left, right)
    await left.pc.connected()
    talk.start()
    await talk.complete()
    selected = left.pc._endpoint.peer.transport.ice.selected
    assert selected is not None
    assert selected.local.candidate.type == "host"
    for peer in (left, right):
        await peer.pc.gathering_complete()


@pytest.mark.parametrize("lie", list(TurnLie))
def test_a_lie_from_the_beginning(lie: TurnLie) -> None:
    world, bad = with_bad_server()
    bad.lie = lie
    # The lies that leave a working relay behind: they show only later, or do no harm.
    harmless = (TurnLie.CHANNEL_LENGTH, TurnLie.ENDLESS, TurnLie.NO_TIME)

    async def main() -> None:
        left, right = world.peers([STUN, BAD])
        async with left.pc, right.pc:
            await talk_directly(world, left, right)
            await world.runtime.sleep(30)
            assert left.pc.connection_state is ConnectionState.CONNECTED
            if lie not in harmless:
                assert "relay" not in left.kinds
                assert {each.url for each in left.errors} == set(URLS)
                assert all(each.error_text for each in left.errors)

    world.runtime.run(main)
    assert len(bad.requests) < 300


@pytest.mark.parametrize("lie", list(TurnLie))
def test_a_lie_that_begins_in_the_middle(lie: TurnLie) -> None:
    world, bad = with_bad_server()

    async def main() -> None:
        left, right = world.peers([STUN, BAD])
        async with left.pc, right.pc:
            await talk_directly(world, left, right)
            assert "relay" in left.kinds
            bad.lie = lie
            before = len(bad.requests)
            await world.runtime.sleep(700)
            assert len(bad.requests) - before < 300
            assert left.pc.connection_state is ConnectionState.CONNECTED
            await talk_again(world, left, right)

    world.runtime.run(main)


async def talk_again(world: World, left: Peer, right: Peer) -> None:
    channel = left.pc.create_data_channel("again")
    await channel.opened()
    async with world.runtime.timeout(5):
        await channel.send("well")
        assert await channel.receive() == "well"
    assert ConnectionState.DISCONNECTED not in right.states


def test_a_quota_of_one_costs_the_other_candidates() -> None:
    world, bad = with_bad_server(quota=1)

    async def main() -> None:
        left, right = world.peers([STUN, BAD])
        async with left.pc, right.pc:
            await talk_directly(world, left, right)
            errors = left.errors + right.errors
            assert [each.error_code for each in errors] == [486] * 3
            assert {each.error_text for each in errors} == {"Allocation Quota Reached"}
            assert len(bad.allocations) == 1

    world.runtime.run(main)
