"""``get_stats`` on every runtime and in every state."""

import time
from typing import Any

import pytest

from purertc import ArgumentError, PeerConnection
from purertc.stats import DataChannelStats, TransportStats
from tests.support.connected import connected_pair
from tests.support.runtimes import on_each_runtime, on_each_runtime_without_scope


@on_each_runtime
async def test_a_pair_that_talks() -> None:
    async with connected_pair() as pair:
        here, there = await pair.channel()
        await here.send("hello")
        await there.receive()
        ours = await pair.left.get_stats()
        theirs = await pair.right.get_stats()
    assert [each.messages_sent for each in ours.of_type(DataChannelStats)] == [0, 1]
    assert [each.messages_received for each in theirs.of_type(DataChannelStats)] == [0, 1]
    assert ours.selected_pair is not None


@on_each_runtime_without_scope
async def test_before_and_after() -> None:
    pc = PeerConnection()
    states = []
    for _ in range(2):
        (transport,) = (await pc.get_stats()).of_type(TransportStats)
        states.append(transport.ice_state)
        await pc.close()
    assert states == ["new", "closed"]


async def test_timestamps_are_the_wall_clocks() -> None:
    report = await PeerConnection().get_stats()
    assert abs(report.timestamp / 1000 - time.time()) < 60


@pytest.mark.parametrize("selector", ["audio", object(), 0])
async def test_a_selector_needs_media(selector: Any) -> None:  # noqa: ANN401  # a mistake
    with pytest.raises(ArgumentError, match="selector"):
        await PeerConnection().get_stats(selector)
    assert await PeerConnection().get_stats(None)
