"""No exception of the background is ever "never retrieved" (promise 6)."""

import gc

from purertc.handler import PeerConnectionHandler
from purertc.sansio.types import ConnectionState
from tests.support.connected import connected_pair
from tests.support.runtimes import on_each_runtime, troubles_of_the_loop, turns


@on_each_runtime
async def test_closing_never_leaves_an_exception_that_nobody_retrieved() -> None:
    troubles = troubles_of_the_loop()

    class Raises(PeerConnectionHandler):
        async def on_connection_state_change(self, state: ConnectionState) -> None:
            raise ValueError(state)

        async def on_error(self, error: Exception, where: str) -> None:
            pass

    async with connected_pair([Raises()], [Raises()]) as pair:
        await pair.channel()
    del pair
    gc.collect()
    await turns()
    assert troubles == []
