"""Runs programs on trio with a clock that jumps, and sees that they leave no task."""

from collections.abc import Awaitable, Callable, Iterator

import trio
import trio.testing

from purertc.data_channel import DataChannel
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection

__all__ = ["Echo", "connect", "run", "task_names"]

LIMIT = 20


async def signal(left: PeerConnection, right: PeerConnection) -> None:
    for one, other in ((left, right), (right, left)):
        await one.set_local_description()
        await one.gathering_complete()
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)


async def connect(left: PeerConnection, right: PeerConnection) -> DataChannel:
    with trio.fail_after(LIMIT):
        channel = left.create_data_channel("test")
        await signal(left, right)
        await left.connected()
        await right.connected()
        await channel.opened()
        return channel


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Run on a clock that jumps, and see that no task of ours is left."""

    async def checked() -> None:
        before = task_names()
        await main()
        assert task_names() == before

    trio.run(checked, clock=trio.testing.MockClock(autojump_threshold=0))


def task_names() -> list[str]:
    return sorted(_names(trio.lowlevel.current_root_task()))


def _names(task: trio.lowlevel.Task | None) -> Iterator[str]:
    if task is not None:
        yield task.name
        for nursery in task.child_nurseries:
            for child in nursery.child_tasks:
                yield from _names(child)


class Echo(PeerConnectionHandler):
    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(message)
