"""A connection dropped without close is closed and warned about (promise 8)."""

import asyncio
import gc
import os
import warnings

import pytest

from purertc.data_channel import DataChannel
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from tests.support.pairs import LIMIT, connect


def open_sockets() -> int:
    links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
    return sum(os.path.exists(link) and "socket:" in os.readlink(link) for link in links)


async def test_it_says_goodbye_and_closes_its_sockets() -> None:
    async with PeerConnection() as left:
        right = PeerConnection()
        left.create_data_channel("x")
        await connect(left, right)
        with pytest.warns(ResourceWarning, match="dropped without close"):
            del right
        await asyncio.wait_for(left.closed(), LIMIT)


async def test_without_a_peer_only_the_sockets_are_closed() -> None:
    sockets = open_sockets()
    pc = PeerConnection()
    pc.create_data_channel("x")
    await pc.set_local_description()
    await pc.gathering_complete()
    assert open_sockets() > sockets
    with pytest.warns(ResourceWarning):
        del pc
    await asyncio.sleep(0.01)
    assert open_sockets() == sockets


async def test_one_that_was_never_used_is_no_cause_for_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        PeerConnection(PeerConnectionHandler())
        gc.collect()


async def test_a_running_handler_keeps_its_connection() -> None:
    class Echo(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            async for message in channel:
                await channel.send(message)

    async with PeerConnection() as left:
        right = PeerConnection(Echo())
        channel = left.create_data_channel("x")
        await connect(left, right)
        await asyncio.wait_for(channel.opened(), LIMIT)
        await channel.send("one")
        assert await asyncio.wait_for(channel.receive(), LIMIT) == "one"
        del right
        gc.collect()
        await channel.send("two")
        assert await asyncio.wait_for(channel.receive(), LIMIT) == "two"


def test_dropped_after_its_loop_ended() -> None:
    sockets = open_sockets()

    async def main() -> PeerConnection:
        pc = PeerConnection()
        pc.create_data_channel("x")
        await pc.set_local_description()
        return pc

    pc = asyncio.run(main())
    with pytest.warns(ResourceWarning):
        del pc
    assert open_sockets() == sockets


def test_a_loop_that_ends_with_handlers_running_complains_about_nothing() -> None:
    async def main() -> None:
        class Sleeps(PeerConnectionHandler):
            async def on_negotiation_needed(self) -> None:
                await asyncio.Event().wait()

        pc = PeerConnection(Sleeps())
        pc.create_data_channel("x")
        await pc.set_local_description()
        problems: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: problems.append(what))

    with pytest.warns(ResourceWarning):
        asyncio.run(main())
