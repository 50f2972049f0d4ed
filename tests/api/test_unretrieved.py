"""No exception of the background is ever "never retrieved" (promise 6)."""

import asyncio
import gc

from purertc.handler import PeerConnectionHandler
from purertc.sansio.types import ConnectionState
from tests.support.pairs import connected_pair


async def test_closing_never_leaves_an_exception_that_nobody_retrieved() -> None:
    problems: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))

    class Raises(PeerConnectionHandler):
        async def on_connection_state_change(self, state: ConnectionState) -> None:
            raise ValueError(state)

        async def on_error(self, error: Exception, where: str) -> None:
            pass

    async with connected_pair([Raises()], [Raises()]) as pair:
        await pair.channel()
    del pair
    gc.collect()
    await asyncio.sleep(0)
    assert problems == []
