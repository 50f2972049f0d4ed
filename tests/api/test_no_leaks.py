"""After the close nothing is left to the cyclic collector (promise 8)."""

import gc
import logging
import weakref
from collections.abc import Iterator

import pytest

from purertc.data_channel import DataChannel
from purertc.errors import ChannelClosed
from purertc.handler import DataChannelHandler, PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.runtime.asyncio import AsyncioRuntime
from purertc.sansio.types import ConnectionState
from purertc.testing import VirtualRuntime
from tests.support.connected import Announced, connect, signal
from tests.support.runtimes import (
    Cancelled,
    on_each_runtime_without_scope,
    running,
    sleep,
    start,
    together,
    turns,
    within,
)


@pytest.fixture(autouse=True)
def no_cyclic_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


class Watch:
    """Weak references to what belongs to connections."""

    def __init__(self) -> None:
        self.references: dict[str, weakref.ref[object]] = {}

    def add(self, name: str, thing: object) -> None:
        self.references[name] = weakref.ref(thing)

    def add_connection(self, name: str, pc: PeerConnection) -> None:
        endpoint = pc._endpoint
        self.add(f"{name} connection", pc)
        self.add(f"{name} endpoint", endpoint)
        self.add(f"{name} driver", endpoint.driver)
        self.add(f"{name} dispatcher", endpoint.dispatcher)
        self.add(f"{name} scope", endpoint.scope)

    def alive(self) -> list[str]:
        return [name for name, reference in self.references.items() if reference() is not None]


async def assert_gone(watch: Watch) -> None:
    await turns(2)
    assert watch.alive() == []


class Echo(PeerConnectionHandler):
    """Loops over its channels, keeps its connection, and was told everything."""

    def __init__(self) -> None:
        self.pc: PeerConnection | None = None
        self.channels: list[DataChannel] = []

    async def on_data_channel(self, channel: DataChannel) -> None:
        self.channels.append(channel)
        async for message in channel:
            await channel.send(message)


class ChannelEcho(DataChannelHandler):
    def __init__(self, channel: DataChannel) -> None:
        self.channel = channel

    async def on_message(self, message: str | bytes) -> None:
        await self.channel.send(message)


async def use_and_close(watch: Watch) -> None:
    handler = Echo()
    left, right = PeerConnection(Announced()), PeerConnection(handler)
    handler.pc = right
    channel = left.create_data_channel("x")
    channel.attach(ChannelEcho(channel))
    await connect(left, right)
    await within(channel.opened())
    other = left.create_data_channel("y")
    await within(other.opened())
    await other.send("ping")
    assert await within(other.receive()) == "ping"
    watch.add("handler", handler)
    watch.add("channel", channel)
    watch.add("other channel", other)
    watch.add("remote channel", handler.channels[0])
    watch.add_connection("left", left)
    watch.add_connection("right", right)
    await left.close()
    await right.close()


@on_each_runtime_without_scope
async def test_used_and_closed() -> None:
    watch = Watch()
    await use_and_close(watch)
    await assert_gone(watch)


@on_each_runtime_without_scope
async def test_never_used_and_closed() -> None:
    async def run(watch: Watch) -> None:
        pc = PeerConnection(handler := Echo())
        handler.pc = pc
        watch.add("handler", handler)
        watch.add("channel", pc.create_data_channel("x"))
        watch.add_connection("pc", pc)
        await pc.close()

    watch = Watch()
    await run(watch)
    await assert_gone(watch)


@on_each_runtime_without_scope
async def test_never_used_and_dropped() -> None:
    async def run(watch: Watch) -> None:
        pc = PeerConnection(Echo())
        watch.add_connection("pc", pc)

    watch = Watch()
    await run(watch)
    await assert_gone(watch)


@on_each_runtime_without_scope
async def test_closed_by_the_other_side() -> None:
    async def run(watch: Watch) -> None:
        handler = Echo()
        async with PeerConnection() as left:
            right = PeerConnection(handler)
            handler.pc = right
            left.create_data_channel("x")
            await connect(left, right)
            watch.add("handler", handler)
            watch.add_connection("right", right)
            await left.close()
            await within(right.closed())

    watch = Watch()
    await run(watch)
    await assert_gone(watch)


@on_each_runtime_without_scope
async def test_a_handler_that_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest keeps log records, and with them the traceback's frames.
    monkeypatch.setattr(logging.getLogger("purertc.handler"), "disabled", True)

    class Raises(Echo):
        async def on_data_channel(self, channel: DataChannel) -> None:
            raise ValueError("on purpose")

        async def on_connection_state_change(self, state: ConnectionState) -> None:
            raise ExceptionGroup("on purpose", [ValueError(state)])

        async def on_error(self, error: Exception, where: str) -> None:
            raise KeyError(where)

    async def run(watch: Watch) -> None:
        handler = Raises()
        left, right = PeerConnection(), PeerConnection(handler)
        handler.pc = right
        channel = left.create_data_channel("x")
        await connect(left, right)
        await within(channel.opened())
        watch.add("handler", handler)
        watch.add_connection("right", right)
        await left.close()
        await right.close()

    watch = Watch()
    await run(watch)
    await assert_gone(watch)


@on_each_runtime_without_scope
async def test_one_side_that_never_finished_connecting() -> None:
    async def run(watch: Watch) -> None:
        handler = Echo()
        pc = PeerConnection(handler)
        handler.pc = pc
        channel = pc.create_data_channel("x")
        await pc.set_local_description()
        refused: list[bool] = []

        async def receive() -> None:
            try:
                await channel.receive()
            except ChannelClosed:
                refused.append(True)

        waiting = start(receive())
        await turns()
        watch.add("channel", channel)
        watch.add("handler", handler)
        watch.add_connection("pc", pc)
        await pc.close()
        await waiting.result()
        assert refused == [True]

    watch = Watch()
    await run(watch)
    await assert_gone(watch)


@on_each_runtime_without_scope
async def test_a_close_that_was_cancelled() -> None:
    class Slow(Echo):
        async def on_connection_state_change(self, state: ConnectionState) -> None:
            await sleep(0.01)

    async def run(watch: Watch) -> None:
        handler = Slow()
        pc = PeerConnection(handler)
        handler.pc = pc
        pc.create_data_channel("x")
        await pc.set_local_description()
        closing = start(pc.close())
        await turns()
        closing.cancel()
        with pytest.raises(Cancelled):
            await closing.result()
        watch.add("handler", handler)
        watch.add_connection("pc", pc)

    watch = Watch()
    await run(watch)
    await sleep(0.05)
    await assert_gone(watch)


@on_each_runtime_without_scope
async def test_a_connection_held_by_nothing_but_its_channel_lives_on() -> None:
    announced = Announced()
    left, right = PeerConnection(), PeerConnection(announced)
    channel = left.create_data_channel("x")
    await connect(left, right)
    watch = Watch()
    watch.add_connection("left", left)
    endpoint = left._endpoint
    del left
    remote = await within(announced.channels.get())
    await within(channel.opened())
    await channel.send("still here")
    assert await within(remote.receive()) == "still here"
    endpoint.start_close()
    del endpoint
    await right.close()
    await sleep(0.01)
    del channel
    await assert_gone(watch)


@on_each_runtime_without_scope
async def test_many_connections_leave_no_object_of_ours() -> None:
    for _ in range(3):
        await use_and_close(Watch())
    await turns()
    before = len(gc.get_objects())
    for _ in range(10):
        await use_and_close(Watch())
    await turns()
    ours = [
        type(thing).__name__
        for thing in gc.get_objects()
        if str(type(thing).__module__).startswith("purertc.")
        and type(thing).__name__ in {"Peer", "Endpoint", "Driver", "SctpAssociation", "IceAgent"}
    ]
    assert sorted(ours) == []
    if isinstance(running(), AsyncioRuntime | VirtualRuntime):
        # On trio and the custom loop each use leaves about 30 objects to the collector.
        assert len(gc.get_objects()) < before + 200


@on_each_runtime_without_scope
async def test_signalled_but_never_connected_pairs_go_too() -> None:
    async def run(watch: Watch) -> None:
        left, right = PeerConnection(), PeerConnection()
        left.create_data_channel("x")
        await signal(left, right)
        watch.add_connection("left", left)
        watch.add_connection("right", right)
        await together(left.close(), right.close())

    watch = Watch()
    await run(watch)
    await assert_gone(watch)


@on_each_runtime_without_scope
async def test_a_channel_with_handlers_that_nobody_holds_goes_on_until_the_close() -> None:
    watch = Watch()
    announced = Announced()
    async with PeerConnection() as left, PeerConnection(announced) as right:
        channel = left.create_data_channel("x")
        await connect(left, right)
        channel.attach(ChannelEcho(channel))
        watch.add("channel", channel)
        del channel
        remote = await within(announced.channels.get())
        await remote.send("ping")
        assert await within(remote.receive()) == "ping"
    await assert_gone(watch)
