"""Either side restarts ICE at any time, and both may at once."""

import random

import pytest

from purertc import DataChannel, PeerConnection, SessionDescription
from purertc.testing import VirtualRuntime
from tests.support import runtimes
from tests.support.negotiating_pair import NegotiatingPair, negotiating_pair
from tests.support.runtimes import on_each_runtime, sleep, together, within
from tests.support.virtual_pairs import two_hosts


def fragment(connection: PeerConnection) -> str:
    description = connection.current_local_description
    assert description is not None
    (row,) = (row for row in description.sdp.splitlines() if row.startswith("a=ice-ufrag:"))
    return row.removeprefix("a=ice-ufrag:")


def fragments(pair: NegotiatingPair) -> tuple[str, str]:
    return fragment(pair.polite), fragment(pair.impolite)


async def with_channel(pair: NegotiatingPair) -> tuple[DataChannel, DataChannel]:
    channel = pair.polite.create_data_channel("channel")
    await within(channel.opened())
    await pair.settled()
    return channel, await within(pair.announced.channels.get())


async def talks(ends: tuple[DataChannel, DataChannel], text: str) -> None:
    for one, other in (ends, ends[::-1]):
        await one.send(text)
        assert await within(other.receive()) == text


async def until_settled(pair: NegotiatingPair) -> None:
    """Wait until what was just asked for has been negotiated."""
    await sleep(0.01)
    await pair.settled()


@on_each_runtime
async def test_either_side() -> None:
    async with negotiating_pair() as pair:
        ends = await with_channel(pair)
        for connection in (pair.polite, pair.impolite):
            before = fragments(pair)
            connection.restart_ice()
            await until_settled(pair)
            assert not set(before) & set(fragments(pair))
            assert pair.agrees()
            await talks(ends, "still here")
        assert [negotiator.errors for negotiator in pair.negotiators] == [[], []]


@on_each_runtime
async def test_both_sides_at_once() -> None:
    async with negotiating_pair() as pair:
        ends = await with_channel(pair)
        before = fragments(pair)
        pair.polite.restart_ice()
        pair.impolite.restart_ice()
        await until_settled(pair)
        assert not set(before) & set(fragments(pair))
        await talks(ends, "still here")
        assert [negotiator.errors for negotiator in pair.negotiators] == [[], []]


@on_each_runtime
async def test_one_that_gave_way_to_an_offer_without_a_restart_is_made_up_for() -> None:
    async with negotiating_pair() as pair:
        ends = await with_channel(pair)
        before = fragments(pair)
        pair.polite.restart_ice()
        await pair.negotiators[1].on_negotiation_needed()
        await until_settled(pair)
        assert not set(before) & set(fragments(pair))
        await talks(ends, "still here")


@on_each_runtime
async def test_the_candidates_of_a_restart_end_again() -> None:
    async with negotiating_pair() as pair:
        await with_channel(pair)
        await within(pair.polite.gathering_complete())
        await pair.settled()
        known = len(pair.lines[0].sent)
        pair.polite.restart_ice()
        await until_settled(pair)
        await within(pair.polite.gathering_complete())
        await pair.settled()
        said = pair.lines[0].sent[known:]
        assert isinstance(said[0], SessionDescription)
        assert len(said) > 2
        assert said[-1] is None


@pytest.mark.parametrize("seed", range(8))
def test_again_and_again_in_many_orders(seed: int) -> None:
    network = two_hosts(seed)
    world = VirtualRuntime(seed=seed, network=network, shuffle=True)
    rng = random.Random(seed)

    async def restart(connection: PeerConnection) -> None:
        await sleep(rng.uniform(0, 0.1))
        connection.restart_ice()

    async def main() -> None:
        runtimes._current.set(world)
        places = world.on(network.hosts["left"]), world.on(network.hosts["right"])
        async with negotiating_pair(lambda: rng.uniform(0, 0.1), places) as pair:
            ends = await with_channel(pair)
            for number in range(25):
                before = fragments(pair)
                both = (pair.polite, pair.impolite)
                await together(*(restart(each) for each in rng.sample(both, rng.choice((1, 2)))))
                await until_settled(pair)
                assert not set(before) & set(fragments(pair))
                assert pair.agrees()
                await talks(ends, f"round {number}")
            assert [negotiator.errors for negotiator in pair.negotiators] == [[], []]

    world.run(main)
