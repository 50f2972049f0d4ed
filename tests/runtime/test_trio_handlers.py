"""What tasks of a handler raise under trio reaches its on_error, and nothing else."""

import trio
import trio.testing

from purertc.data_channel import DataChannel
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.sansio.types import ConnectionState
from tests.support.on_trio import connect, run


class Erring(PeerConnectionHandler):
    def __init__(self) -> None:
        self.errors: list[Exception] = []

    async def on_error(self, error: Exception, where: str) -> None:
        self.errors.append(error)


def test_errors_of_a_cancelled_handlers_nursery_are_reported() -> None:
    class Failing(Erring):
        async def on_data_channel(self, channel: DataChannel) -> None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.fail_at_the_end)
                nursery.start_soon(trio.sleep_forever)

        async def fail_at_the_end(self) -> None:
            try:
                await trio.sleep_forever()
            finally:
                raise ZeroDivisionError

    handler = Failing()

    async def main() -> None:
        async with PeerConnection() as left, PeerConnection(handler) as right:
            await connect(left, right)
            await trio.testing.wait_all_tasks_blocked()

    run(main)
    (group,) = handler.errors
    assert isinstance(group, ExceptionGroup)
    assert [type(each) for each in group.exceptions] == [ZeroDivisionError]


def test_a_group_of_errors_is_reported_whole() -> None:
    class Failing(Erring):
        async def on_data_channel(self, channel: DataChannel) -> None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.fail)
                nursery.start_soon(self.fail)

        async def fail(self) -> None:
            raise ZeroDivisionError

    handler = Failing()

    async def main() -> None:
        async with PeerConnection() as left, PeerConnection(handler) as right:
            channel = await connect(left, right)
            await trio.testing.wait_all_tasks_blocked()
            assert right.connection_state is ConnectionState.CONNECTED
            await channel.send("still up")

    run(main)
    (group,) = handler.errors
    assert isinstance(group, ExceptionGroup)
    assert [type(each) for each in group.exceptions] == [ZeroDivisionError] * 2
