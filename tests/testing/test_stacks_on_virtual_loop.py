"""Unmodified aiortc, compat and purertc talk to each other on the virtual asyncio loop."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product

import pytest

from purertc.testing import LinkConditions, SimulatedNetwork, Trace, run_virtual
from tests.support.stack_protocol import ChannelEnd, ChannelOptions, ConnectionEnd
from tests.support.stacks import STACKS, Pairing
from tests.support.virtual_pairs import two_hosts

PAIRINGS = [Pairing(*stacks) for stacks in product(STACKS.values(), repeat=2)]


class Meeting:
    """Two ends on two hosts."""

    def __init__(self, pairing: Pairing, network: SimulatedNetwork) -> None:
        self.left, self.right = (network.hosts[name] for name in ("left", "right"))
        with self.left.active():
            self.offering: ConnectionEnd = pairing.offering.create()
        with self.right.active():
            self.answering: ConnectionEnd = pairing.answering.create()

    async def channel(self) -> tuple[ChannelEnd, ChannelEnd]:
        """Connect; return both ends of a channel."""
        near = self.offering.create_channel("first", ChannelOptions())
        with self.left.active():
            offer = await self.offering.offer()
        with self.right.active():
            answer = await self.answering.answer(offer)
        with self.left.active():
            await self.offering.accept(answer)
        await self.offering.connected()
        await self.answering.connected()
        await near.opened()
        return near, await self.answering.announced()


@asynccontextmanager
async def meeting(pairing: Pairing, network: SimulatedNetwork) -> AsyncIterator[Meeting]:
    both = Meeting(pairing, network)
    try:
        yield both
    finally:
        await both.offering.close()
        await both.answering.close()


@pytest.mark.parametrize("pairing", PAIRINGS, ids=lambda pairing: pairing.name)
def test_messages_both_ways_over_a_lossy_link(pairing: Pairing) -> None:
    network = two_hosts(3, LinkConditions(latency=0.02, jitter=0.01, loss=0.05))
    messages = [f"message {number}" for number in range(30)]

    async def main() -> float:
        async with meeting(pairing, network) as both:
            for sender, receiver in (ends := await both.channel(), ends[::-1]):
                for message in messages:
                    sender.send(message)
                assert await receiver.receive_many(30) == messages
            return asyncio.get_running_loop().time()

    assert run_virtual(main, seed=3, network=network) < 60
    assert network.counters.lost > 0
    assert not network.sockets


@pytest.mark.parametrize("name", sorted(STACKS))
def test_an_hour_of_silence_passes_at_once(name: str) -> None:
    network = two_hosts(1)

    async def main() -> None:
        async with meeting(Pairing(STACKS[name], STACKS[name]), network) as both:
            near, far = await both.channel()
            start = time.monotonic()
            await asyncio.sleep(3600)
            assert time.monotonic() - start == 3600
            near.send("still there")
            assert await far.receive() == "still there"

    run_virtual(main, network=network)
    assert network.counters.sent < 10_000


@pytest.mark.parametrize("name", sorted(STACKS))
def test_one_seed_one_trace(name: str) -> None:
    def digest(seed: int) -> str:
        trace = Trace()
        network = two_hosts(seed, LinkConditions(jitter=0.01), trace)

        async def main() -> None:
            async with meeting(Pairing(STACKS[name], STACKS[name]), network) as both:
                near, far = await both.channel()
                near.send("x")
                assert await far.receive() == "x"
                await asyncio.sleep(30)

        run_virtual(main, seed=seed, network=network)
        return trace.digest()

    assert digest(1) == digest(1) != digest(2)


@pytest.mark.parametrize("name", sorted(STACKS))
def test_a_cut_is_noticed(name: str) -> None:
    network = two_hosts(1)

    async def main() -> None:
        async with meeting(Pairing(STACKS[name], STACKS[name]), network) as both:
            await both.channel()
            network.partition([network.hosts["left"]])
            await asyncio.sleep(120)
            assert both.offering.state in ("failed", "closed")

    run_virtual(main, network=network)
