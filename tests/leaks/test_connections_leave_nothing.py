"""Many connections, opened, used and closed, leave nothing at all (promise 8)."""

import asyncio
import os
from pathlib import Path

import pytest

import purertc
from purertc import DataChannel, DataChannelHandler, PeerConnection, PeerConnectionHandler
from tests.support.leftovers import TimerCountingLoop, leftovers_of, memory_growth
from tests.support.loops import LoopFactory, loop_factories
from tests.support.pairs import LIMIT, connect

CONNECTIONS = int(os.environ.get("PURERTC_LEAK_CONNECTIONS", "200"))

CORE = Path(purertc.__file__).parent

LOOPS = {**loop_factories(), "asyncio": TimerCountingLoop}


class Echo(PeerConnectionHandler):
    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(message)


class Messages(DataChannelHandler):
    def __init__(self) -> None:
        self.received: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def on_message(self, message: str | bytes) -> None:
        self.received.put_nowait(message)


async def use_two_connections() -> None:
    """A loop over a channel on one side, ``receive`` and a handler on the other."""
    async with asyncio.timeout(LIMIT), PeerConnection(Echo()) as a, PeerConnection(Echo()) as b:
        read = a.create_data_channel("read")
        handled = a.create_data_channel("handled", ordered=False, max_retransmits=3)
        handled.attach(messages := Messages())
        await connect(a, b)
        await read.opened()
        await read.send("hello")
        assert await read.receive() == "hello"
        await handled.opened()
        await handled.send(b"x" * 20_000)
        assert await messages.received.get() == b"x" * 20_000
        await read.close()


@pytest.mark.parametrize("loop_factory", LOOPS.values(), ids=LOOPS)
def test_no_object_task_socket_timer_or_thread_is_left(loop_factory: LoopFactory) -> None:
    assert leftovers_of(use_two_connections, rounds=5, loop_factory=loop_factory) == {}


@pytest.mark.timeout(600)
def test_memory_does_not_grow() -> None:
    growth = memory_growth(
        use_two_connections, rounds=CONNECTIONS // 2, warm_up=5, under=f"{CORE}/"
    )
    assert growth < CONNECTIONS, "that is a byte for each connection"
