"""A path that is lost comes back by a restart that nobody asked for."""

import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from purertc import ConnectionState, IceConnectionState
from purertc.signaling import AutomaticIceRestart
from purertc.testing import SimulatedNetwork, VirtualRuntime
from tests.support import runtimes
from tests.support.negotiating_pair import NegotiatingPair, negotiating_pair
from tests.support.runtimes import sleep, within
from tests.support.virtual_pairs import two_hosts

Body = Callable[[NegotiatingPair, SimulatedNetwork], Coroutine[Any, Any, None]]


def play(body: Body, seed: int = 0) -> None:
    network = two_hosts(seed)
    world = VirtualRuntime(seed=seed, network=network)
    rng = random.Random(seed)

    async def main() -> None:
        runtimes._current.set(world)
        places = world.on(network.hosts["left"]), world.on(network.hosts["right"])
        async with negotiating_pair(lambda: rng.uniform(0, 0.05), places) as pair:
            await body(pair, network)

    world.run(main)


@pytest.mark.parametrize("outage", [7.0, 20.0, 45.0, 200.0])
def test_after_an_outage(outage: float) -> None:
    """Shorter than the first restart, between two, after the failure, and long after it."""

    async def body(pair: NegotiatingPair, network: SimulatedNetwork) -> None:
        helper = AutomaticIceRestart(pair.polite)
        channel = pair.polite.create_data_channel("channel")
        await within(channel.opened())
        far = await within(pair.announced.channels.get())
        cut = network.partition([network.hosts["left"]])
        await channel.send("sent into the void")
        await sleep(outage)
        network.end_partition(cut)
        for _ in range(120):
            if pair.polite.connection_state is ConnectionState.CONNECTED:
                break
            await sleep(1)
        assert pair.polite.connection_state is ConnectionState.CONNECTED
        assert helper.restarts == 0
        assert await within(far.receive(), 120) == "sent into the void"

    play(body)


def test_both_sides_have_one() -> None:
    async def body(pair: NegotiatingPair, network: SimulatedNetwork) -> None:
        helpers = [AutomaticIceRestart(pair.polite), AutomaticIceRestart(pair.impolite)]
        channel = pair.polite.create_data_channel("channel")
        await within(channel.opened())
        far = await within(pair.announced.channels.get())
        cut = network.partition([network.hosts["left"]])
        await sleep(60)
        assert all(helper.restarts for helper in helpers)
        network.end_partition(cut)
        await sleep(60)
        for connection in (pair.polite, pair.impolite):
            assert connection.connection_state is ConnectionState.CONNECTED
        await channel.send("hello")
        assert await within(far.receive()) == "hello"

    play(body)


def test_it_gives_up_after_its_tries() -> None:
    async def body(pair: NegotiatingPair, network: SimulatedNetwork) -> None:
        helper = AutomaticIceRestart(pair.polite, tries=3)
        channel = pair.polite.create_data_channel("channel")
        await within(channel.opened())
        network.partition([network.hosts["left"]])
        await sleep(1000)
        assert helper.restarts == 3
        assert pair.polite.ice_connection_state is IceConnectionState.FAILED
        offers = pair.lines[0].descriptions()[1:]
        assert offers == ["offer"] * 3

    play(body)
