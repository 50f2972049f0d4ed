"""Both sides offer at once, a thousand times, in many orders."""

import random
from collections.abc import Callable

import pytest

from purertc import SignalingState
from purertc.runtime.base import Runtime
from purertc.testing import VirtualRuntime
from tests.support import runtimes
from tests.support.negotiating_pair import NegotiatingPair, negotiating_pair
from tests.support.runtimes import sleep, together, within
from tests.support.virtual_pairs import two_hosts

COLLISIONS = 50
SPREAD = 0.05
"""Seconds within which both sides offer."""


async def offer_at_once(pair: NegotiatingPair, rng: random.Random) -> None:
    """Let both sides want an exchange within less time than a message takes."""

    async def offer_after(index: int, seconds: float) -> None:
        await sleep(seconds)
        await pair.negotiators[index].on_negotiation_needed()

    first = rng.randrange(2)
    await together(
        offer_after(first, 0.0), offer_after(1 - first, rng.choice((0.0, rng.uniform(0, SPREAD))))
    )


async def play(seed: int, places: tuple[Runtime, Runtime]) -> int:
    """Play until both sides have offered at once often enough; return the number of rounds."""
    rng = random.Random(seed)
    collisions = rounds = 0
    async with negotiating_pair(delay_of(rng), places) as pair:
        one = pair.polite.create_data_channel("one")
        other = pair.impolite.create_data_channel("other")
        await within(one.opened())
        await within(other.opened())
        far = await within(pair.announced.channels.get())
        while collisions < COLLISIONS:
            rounds += 1
            await pair.settled()
            before = [len(line.descriptions()) for line in pair.lines]
            await offer_at_once(pair, rng)
            await pair.settled()
            said = [
                line.descriptions()[known:] for line, known in zip(pair.lines, before, strict=True)
            ]
            collisions += said == [["offer", "answer"], ["offer"]]
            assert pair.agrees()
            await one.send(f"round {rounds}")
            assert await within(far.receive()) == f"round {rounds}"
        assert [negotiator.errors for negotiator in pair.negotiators] == [[], []]
        for pc in (pair.polite, pair.impolite):
            assert pc.signaling_state is SignalingState.STABLE
    return rounds


def delay_of(rng: random.Random) -> Callable[[], float]:
    """Most messages take longer than both sides need to make up their minds."""
    return lambda: rng.choice((0.0, SPREAD, rng.uniform(0, 4 * SPREAD)))


@pytest.mark.parametrize("seed", range(20))
def test_fifty_times(seed: int) -> None:
    network = two_hosts(seed)
    world = VirtualRuntime(seed=seed, network=network, shuffle=True)
    left, right = (world.on(network.hosts[name]) for name in ("left", "right"))

    async def main() -> int:
        runtimes._current.set(world)
        return await play(seed, (left, right))

    assert world.run(main) >= COLLISIONS
