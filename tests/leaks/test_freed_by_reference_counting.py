"""After the close nothing of ours keeps the user's objects alive, nor they each other."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from purertc import (
    DataChannel,
    DataChannelHandler,
    PeerConnection,
    PeerConnectionHandler,
)
from tests.support.leftovers import settle
from tests.support.pairs import LIMIT, connect


@pytest.fixture(autouse=True)
def _no_cyclic_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


class Application(PeerConnectionHandler):
    """Keeps the connection and its channels, as programs do, and so makes a cycle."""

    def __init__(self) -> None:
        self.pc: PeerConnection | None = None
        self.channels: list[DataChannel] = []

    async def on_data_channel(self, channel: DataChannel) -> None:
        self.channels.append(channel)
        channel.attach(Answers(channel))


class Answers(DataChannelHandler):
    """Keeps its channel."""

    def __init__(self, channel: DataChannel) -> None:
        self.channel = channel

    async def on_message(self, message: str | bytes) -> None:
        await self.channel.send(message)


async def run_application() -> list[weakref.ref[object]]:
    handlers = Application(), Application()
    left, right = (PeerConnection(handler) for handler in handlers)
    for handler, pc in zip(handlers, (left, right), strict=True):
        handler.pc = pc
    channel = left.create_data_channel("channel")
    handlers[0].channels.append(channel)
    await connect(left, right)
    await channel.opened()
    await channel.send("hello")
    assert await channel.receive() == "hello"
    everything = [left, right, *handlers, *handlers[0].channels, *handlers[1].channels]
    attached = [each for each in gc.get_objects() if isinstance(each, Answers)]
    references = [weakref.ref(each) for each in (*everything, *attached)]
    await left.close()
    await right.close()
    return references


async def test_connections_channels_and_handlers_that_refer_to_each_other_go_at_once() -> None:
    references = await asyncio.wait_for(run_application(), LIMIT)
    await settle()
    assert len(references) == 7
    assert [each() for each in references if each() is not None] == []


async def test_a_channel_that_is_kept_keeps_nothing_else() -> None:
    left, right = PeerConnection(), PeerConnection()
    kept = left.create_data_channel("kept")
    await connect(left, right)
    await kept.opened()
    await left.close()
    await right.close()
    references = [weakref.ref(left), weakref.ref(right)]
    del left, right
    await settle()
    assert [each() for each in references] == [None, None]
    assert kept.ready_state == "closed"


async def test_a_connection_that_is_kept_keeps_no_handler_and_no_channel() -> None:
    application = Application()
    left, right = PeerConnection(application), PeerConnection()
    channel = left.create_data_channel("channel")
    channel.attach(Answers(channel))
    await connect(left, right)
    await left.close()
    await right.close()
    references: list[weakref.ref[Any]] = [weakref.ref(application), weakref.ref(channel)]
    del application, channel
    await settle()
    assert [each() for each in references] == [None, None]
    assert left.connection_state == "closed"
