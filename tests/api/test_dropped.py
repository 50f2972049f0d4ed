"""A connection dropped without close is closed and warned about (promise 8)."""

import gc
import warnings
from typing import Any

import pytest

from purertc.data_channel import DataChannel
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.runtime.base import Runtime
from tests.support import leftovers
from tests.support.connected import connect
from tests.support.runtimes import (
    RUNTIMES,
    new_event,
    on_each_runtime_without_scope,
    open_sockets,
    run_on,
    running,
    sleep,
    troubles_of_the_loop,
    within,
)


@on_each_runtime_without_scope
async def test_it_says_goodbye_and_closes_its_sockets() -> None:
    async with PeerConnection() as left:
        right = PeerConnection()
        left.create_data_channel("x")
        await connect(left, right)
        with pytest.warns(ResourceWarning, match="dropped without close"):
            del right
        await within(left.closed())


@on_each_runtime_without_scope
async def test_a_channel_that_no_handler_heard_of_does_not_keep_it() -> None:
    gc.disable()
    try:
        async with PeerConnection() as left:
            right = PeerConnection()
            channel = left.create_data_channel("x")
            await connect(left, right)
            await within(channel.opened())  # so that right knows of it
            with pytest.warns(ResourceWarning, match="dropped without close"):
                del right
            await within(left.closed())
    finally:
        gc.enable()


@on_each_runtime_without_scope
async def test_without_a_peer_only_the_sockets_are_closed() -> None:
    sockets = open_sockets()
    pc = PeerConnection()
    pc.create_data_channel("x")
    await pc.set_local_description()
    await pc.gathering_complete()
    assert open_sockets() > sockets
    with pytest.warns(ResourceWarning):
        del pc
    await sleep(0.01)
    assert open_sockets() == sockets


@on_each_runtime_without_scope
async def test_one_that_was_never_used_is_no_cause_for_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        PeerConnection(PeerConnectionHandler())
        gc.collect()


@on_each_runtime_without_scope
async def test_a_running_handler_keeps_its_connection() -> None:
    ended = new_event()

    class Echo(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            async for message in channel:
                await channel.send(message)
            ended.set()

    async with PeerConnection() as left:
        right = PeerConnection(Echo())
        channel = left.create_data_channel("x")
        await connect(left, right)
        await within(channel.opened())
        await channel.send("one")
        assert await within(channel.receive()) == "one"
        del right
        gc.collect()
        await channel.send("two")
        assert await within(channel.receive()) == "two"
        assert not ended.is_set()
    await ended.wait()


async def gathered() -> tuple[PeerConnection, Runtime]:
    sockets = open_sockets()
    pc = PeerConnection()
    pc.create_data_channel("x")
    await pc.set_local_description()
    await pc.gathering_complete()
    assert open_sockets() > sockets
    return pc, running()


@pytest.mark.parametrize("runtime_name", [name for name in RUNTIMES if "trio" not in name])
def test_dropped_after_its_loop_ended(runtime_name: str) -> None:
    before = 0 if runtime_name == "virtual" else leftovers.open_sockets()
    pc, runtime = run_on(runtime_name, gathered)
    with pytest.warns(ResourceWarning):
        del pc
    assert open_sockets(runtime) == before


def test_the_end_of_a_nursery_closes_the_sockets() -> None:
    before = leftovers.open_sockets()
    pc, _ = run_on("trio-nursery", gathered)
    assert leftovers.open_sockets() == before
    del pc


@pytest.mark.parametrize("runtime_name", [name for name in RUNTIMES if name != "trio"])
def test_a_loop_that_ends_with_handlers_running_complains_about_nothing(runtime_name: str) -> None:
    async def main() -> list[dict[str, Any]]:
        class Sleeps(PeerConnectionHandler):
            async def on_negotiation_needed(self) -> None:
                await new_event().wait()

        pc = PeerConnection(Sleeps())
        pc.create_data_channel("x")
        await pc.set_local_description()
        return troubles_of_the_loop()

    with pytest.warns(ResourceWarning):
        troubles = run_on(runtime_name, main)
    assert troubles == []
