"""Programs written for anyio use connections on both of its backends."""

from collections.abc import Awaitable, Callable

import anyio
import pytest

from purertc.data_channel import DataChannel
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.sansio.types import ConnectionState

LIMIT = 20

pytestmark = pytest.mark.parametrize("backend", ["asyncio", "trio"])


class Echo(PeerConnectionHandler):
    """Echoes in a task group of its own."""

    def __init__(self) -> None:
        self.cancelled = False

    async def on_data_channel(self, channel: DataChannel) -> None:
        send, receive = anyio.create_memory_object_stream[str | bytes](10)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self.answer, channel, receive)
                async with send:
                    async for message in channel:
                        await send.send(message)
        except anyio.get_cancelled_exc_class():
            self.cancelled = True
            raise

    async def answer(
        self,
        channel: DataChannel,
        messages: anyio.abc.ObjectReceiveStream[str | bytes],
    ) -> None:
        async with messages:
            async for message in messages:
                await channel.send(message)


async def connect(left: PeerConnection, right: PeerConnection) -> DataChannel:
    with anyio.fail_after(LIMIT):
        channel = left.create_data_channel("test")
        for one, other in ((left, right), (right, left)):
            await one.set_local_description()
            await one.gathering_complete()
            assert one.local_description is not None
            await other.set_remote_description(one.local_description)
        await channel.opened()
        return channel


def run(main: Callable[[], Awaitable[None]], backend: str) -> None:
    anyio.run(main, backend=backend)


def test_messages_go_both_ways(backend: str) -> None:
    async def main() -> None:
        async with PeerConnection() as left, PeerConnection(Echo()) as right:
            channel = await connect(left, right)
            received: list[str | bytes] = []

            async def read() -> None:
                received.extend([await channel.receive() for _ in range(100)])

            with anyio.fail_after(LIMIT):
                async with anyio.create_task_group() as group:
                    group.start_soon(read)
                    for number in range(100):
                        await channel.send(str(number))
            assert received == [str(number) for number in range(100)]

    run(main, backend)


def test_a_connection_lives_in_a_task_of_a_group(backend: str) -> None:
    async def serve(
        left: PeerConnection, *, task_status: anyio.abc.TaskStatus[DataChannel]
    ) -> None:
        async with PeerConnection(Echo()) as right:
            task_status.started(await connect(left, right))
            await right.closed()

    async def main() -> None:
        async with anyio.create_task_group() as group, PeerConnection() as left:
            channel: DataChannel = await group.start(serve, left)
            await channel.send("hello")
            assert await channel.receive() == "hello"

    run(main, backend)


def test_a_cancelled_scope_closes_the_connections_in_it(backend: str) -> None:
    async def main() -> None:
        echo = Echo()
        async with PeerConnection() as left:
            with anyio.CancelScope() as scope:
                async with PeerConnection(echo) as right:
                    await connect(left, right)
                    await anyio.wait_all_tasks_blocked()
                    scope.cancel()
                    await anyio.sleep(LIMIT)
            assert scope.cancelled_caught
            assert right.connection_state is ConnectionState.CLOSED
            with anyio.fail_after(1):
                await left.closed()

    run(main, backend)


def test_a_wait_that_times_out_changes_nothing(backend: str) -> None:
    async def main() -> None:
        async with PeerConnection() as left, PeerConnection(Echo()) as right:
            channel = await connect(left, right)
            for wait in (channel.receive, left.closed, right.closed):
                with anyio.move_on_after(0.01) as scope:
                    await wait()
                assert scope.cancelled_caught
            await channel.send("hello")
            with anyio.fail_after(LIMIT):
                assert await channel.receive() == "hello"

    run(main, backend)


def test_a_failing_group_in_a_handler_harms_nothing(backend: str) -> None:
    class Failing(Echo):
        def __init__(self) -> None:
            super().__init__()
            self.errors: list[Exception] = []
            self.heard = anyio.Event()

        async def answer(
            self,
            channel: DataChannel,
            messages: anyio.abc.ObjectReceiveStream[str | bytes],
        ) -> None:
            async with messages:
                raise ZeroDivisionError

        async def on_error(self, error: Exception, where: str) -> None:
            self.errors.append(error)
            self.heard.set()

    async def main() -> None:
        handler = Failing()
        async with PeerConnection() as left, PeerConnection(handler) as right:
            await connect(left, right)
            with anyio.fail_after(LIMIT):
                await handler.heard.wait()
            assert right.connection_state is ConnectionState.CONNECTED
            (group,) = handler.errors
            assert isinstance(group, ExceptionGroup)
            assert isinstance(group.exceptions[0], ZeroDivisionError)
            assert not handler.cancelled

    run(main, backend)
