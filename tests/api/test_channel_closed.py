"""Waiting for the end of a channel, whichever side closes it."""

import asyncio

from purertc.sansio.types import DataChannelState
from tests.support.pairs import LIMIT, connected_pair


async def test_closed_by_the_other_side() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel()
        waiting = asyncio.ensure_future(left.closed())
        await right.close()
        await asyncio.wait_for(waiting, LIMIT)
        assert left.ready_state is DataChannelState.CLOSED
        await left.closed()


async def test_closed_with_the_connection() -> None:
    async with connected_pair() as pair:
        left, _ = await pair.channel()
        waiting = asyncio.ensure_future(left.closed())
        await pair.left.close()
        await asyncio.wait_for(waiting, LIMIT)
