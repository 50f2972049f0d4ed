"""Scopes, stacks and groups of tasks around connections behave as their users expect."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

import anyio
import pytest

from purertc import (
    ChannelClosed,
    DataChannel,
    DataChannelHandler,
    PeerConnection,
    PeerConnectionHandler,
)
from tests.cancellation.linked import Linked, linked, signal
from tests.support.cancellation import LIMIT, Backend, backends

Main = Callable[[], Awaitable[None]]

BACKENDS = backends()


def run(backend: Backend, main: Main) -> None:
    """Run within the limit."""

    async def limited() -> None:
        with anyio.fail_after(LIMIT):
            await main()

    backend.run(limited)


on_each = pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)


@on_each
def test_an_exit_stack_closes_connections_and_channels_in_reverse(backend: Backend) -> None:
    closed: list[str] = []

    class Tells(PeerConnectionHandler):
        def __init__(self, name: str) -> None:
            self.name = name

        async def on_connection_state_change(self, state: str) -> None:
            if state == "closed":
                closed.append(self.name)

    async def main() -> None:
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(PeerConnection(Tells("first")))
            second = await stack.enter_async_context(PeerConnection(Tells("second")))
            channel = first.create_data_channel("channel")
            await signal(first, second)
            await channel.opened()
            await stack.enter_async_context(channel)
            stack.push_async_callback(channel.drain)
            await channel.send("sent")
        assert channel.ready_state == "closed"
        assert closed == ["second", "first"]

    run(backend, main)


@on_each
def test_an_error_in_the_body_passes_and_everything_is_closed(backend: Backend) -> None:
    worlds: list[Linked] = []

    async def main() -> None:
        async with linked() as world:
            worlds.append(world)
            raise LookupError("in the body")

    with pytest.raises(LookupError, match="in the body"):
        run(backend, main)
    (world,) = worlds
    assert world.left.connection_state == world.right.connection_state == "closed"
    assert world.near.ready_state == world.far.ready_state == "closed"


@on_each
def test_a_task_that_fails_ends_the_tasks_on_the_same_connection(backend: Backend) -> None:
    async def main() -> None:
        async with linked() as world, anyio.create_task_group() as tasks:
            tasks.start_soon(world.near.receive)
            tasks.start_soon(world.right.closed)
            tasks.start_soon(fail)
            await anyio.sleep_forever()

    async def fail() -> None:
        await anyio.lowlevel.checkpoint()
        raise LookupError("one of them")

    with pytest.RaisesGroup(pytest.RaisesExc(LookupError, match="one of them")):
        run(backend, main)


@on_each
def test_a_connection_inside_a_task_of_a_group_that_is_cancelled(backend: Backend) -> None:
    async def main() -> None:
        worlds: list[Linked] = []
        ready = anyio.Event(), anyio.Event()

        async def serve() -> None:
            async with linked() as world:
                ready[len(worlds)].set()
                worlds.append(world)
                async for _ in world.far:
                    raise AssertionError("nobody sends")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serve)
            tasks.start_soon(serve)
            for event in ready:
                await event.wait()
            tasks.cancel_scope.cancel()
        for world in worlds:
            assert world.left.connection_state == world.right.connection_state == "closed"

    run(backend, main)


@on_each
def test_a_time_limit_around_a_wait_leaves_the_connection_usable(backend: Backend) -> None:
    async def main() -> None:
        async with linked() as world:
            for wait in (world.near.receive, world.left.closed):
                with anyio.move_on_after(0.01) as limit:
                    await wait()
                assert limit.cancelled_caught
            await world.still_works()

    run(backend, main)


async def test_a_timeout_of_asyncio_ends_a_connection() -> None:
    worlds: list[Linked] = []

    async def wait_for_what_never_comes() -> None:
        async with linked() as world, asyncio.timeout(0.05):
            worlds.append(world)
            await world.near.receive()

    with pytest.raises(TimeoutError):
        await wait_for_what_never_comes()
    (world,) = worlds
    assert world.left.connection_state == world.right.connection_state == "closed"
    with pytest.raises(ChannelClosed):
        await world.near.receive()
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0


async def test_the_connections_tasks_are_none_of_the_task_groups() -> None:
    """A handler that fails does not cancel the group in which its connection was made."""

    class Fails(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            raise LookupError("in the handler")

        async def on_error(self, error: Exception, where: str) -> None:
            errors.append((str(error), where))

    errors: list[tuple[str, str]] = []
    async with asyncio.timeout(LIMIT), asyncio.TaskGroup() as tasks:
        left, right = PeerConnection(), PeerConnection(Fails())
        async with left, right:
            channel = left.create_data_channel("channel")
            await tasks.create_task(signal(left, right))
            await channel.opened()
            await channel.close()
    assert errors == [("in the handler", "on_data_channel")]


async def raise_in_two_tasks() -> None:
    async with anyio.create_task_group() as tasks:
        for error in (ValueError("one"), KeyError("two")):
            tasks.start_soon(partial(_raise, error))


async def _raise(error: Exception) -> None:
    raise error


class FailsTwice(PeerConnectionHandler):
    """Raises a group in one of its own methods, or leaves that to the handler of a channel."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.errors: list[tuple[Exception, str]] = []
        self.reported = anyio.Event()

    async def on_signaling_state_change(self, state: str) -> None:
        if self.where == "on_signaling_state_change" and state == "have-remote-offer":
            await raise_in_two_tasks()

    async def on_data_channel(self, channel: DataChannel) -> None:
        if self.where == "on_data_channel":
            await raise_in_two_tasks()
        if self.where == "on_message":
            channel.attach(FailsOnMessage(self))

    async def on_error(self, error: Exception, where: str) -> None:
        self.errors.append((error, where))
        self.reported.set()


class FailsOnMessage(DataChannelHandler):
    def __init__(self, owner: FailsTwice) -> None:
        self.owner = owner

    async def on_message(self, message: str | bytes) -> None:
        await raise_in_two_tasks()

    async def on_error(self, error: Exception, where: str) -> None:
        await self.owner.on_error(error, where)


@on_each
@pytest.mark.parametrize("where", ["on_signaling_state_change", "on_data_channel", "on_message"])
def test_a_group_of_errors_of_a_handler_is_reported_whole(where: str, backend: Backend) -> None:
    async def main() -> None:
        handler = FailsTwice(where)
        async with PeerConnection() as left, PeerConnection(handler) as right:
            channel = left.create_data_channel("channel")
            await signal(left, right)
            await channel.opened()
            await channel.send("go")
            await handler.reported.wait()
            assert right.connection_state == "connected"
        ((error, reported_where),) = handler.errors
        assert reported_where == where
        assert isinstance(error, ExceptionGroup)
        kinds = {type(each): str(each) for each in error.exceptions}
        assert kinds == {ValueError: "one", KeyError: "'two'"}

    run(backend, main)
