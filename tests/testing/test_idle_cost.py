"""An idle connection costs little, counted in events: an hour is a few thousand of them."""

import asyncio
from collections import Counter

from purertc.testing import Trace, VirtualLoop, VirtualRuntime, run_virtual
from tests.support.virtual_pairs import two_hosts, virtual_pair

HOUR = 3600.0

MOST_CONSENT_CHECKS = HOUR / 2.0
"""Checks of one side: RFC 7675 asks for one in 4 to 6 seconds; ours come twice as often."""


def test_an_hour_on_the_virtual_runtime() -> None:
    trace = Trace()
    network = two_hosts(1, trace=trace)
    world = VirtualRuntime(network=network)

    async def main() -> tuple[int, int]:
        async with virtual_pair(world, network) as pair:
            turns, sent = world.turns, network.counters.sent
            await world.sleep(HOUR)
            spent = world.turns - turns, network.counters.sent - sent
            assert await pair.echo(["still there"]) == ["still there"]
            return spent

    turns, sent = world.run(main)
    kinds = Counter(entry.details.split()[0] for entry in trace.entries if entry.what == "send")
    assert HOUR / 6 * 4 < kinds["stun"] < MOST_CONSENT_CHECKS * 4
    assert kinds["dtls"] < HOUR / 5
    assert sent < 8000
    assert turns < 2.2 * sent


def test_an_hour_on_the_virtual_loop() -> None:
    network = two_hosts(1)

    async def main() -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        async with virtual_pair(loop, network):
            turns, sent = loop.turns, network.counters.sent
            await asyncio.sleep(HOUR)
            return loop.turns - turns, network.counters.sent - sent

    turns, sent = run_virtual(main, network=network)
    assert sent < 8000
    assert turns < 2.2 * sent
