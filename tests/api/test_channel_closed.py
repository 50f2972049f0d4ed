"""Waiting for the end of a channel, whichever side closes it."""

from purertc.sansio.types import DataChannelState
from tests.support.connected import connected_pair
from tests.support.runtimes import on_each_runtime, start


@on_each_runtime
async def test_closed_by_the_other_side() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel()
        waiting = start(left.closed())
        await right.close()
        await waiting.result()
        assert left.ready_state is DataChannelState.CLOSED
        await left.closed()


@on_each_runtime
async def test_closed_with_the_connection() -> None:
    async with connected_pair() as pair:
        left, _ = await pair.channel()
        waiting = start(left.closed())
        await pair.left.close()
        await waiting.result()
