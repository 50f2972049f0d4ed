"""A connection that is dropped without close() warns, closes itself and leaves nothing."""

import asyncio
import gc
import warnings
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from purertc import DataChannel, PeerConnection, PeerConnectionHandler
from tests.support.leftovers import leftovers_of, open_sockets, settle
from tests.support.pairs import LIMIT, connect

EXPECTED = "ResourceWarning: a connection was dropped without close()"


class Cycle(PeerConnectionHandler):
    """Refers to its connection, which refers to it."""

    pc: PeerConnection

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for _ in channel:
            pass


async def gathered() -> None:
    pc = PeerConnection()
    pc.create_data_channel("channel")
    await pc.set_local_description()


async def connected() -> None:
    left, right = PeerConnection(), PeerConnection(Cycle())
    left.create_data_channel("channel")
    await connect(left, right)
    await left.close()
    await right.closed()
    left, right = PeerConnection(), PeerConnection()
    await connect_with_agreed_channel(left, right)


async def connect_with_agreed_channel(left: PeerConnection, right: PeerConnection) -> None:
    for pc in (left, right):
        pc.create_data_channel("agreed", negotiated=True, id=0)
    await connect(left, right)


async def in_a_cycle() -> None:
    handler = Cycle()
    handler.pc = PeerConnection(handler)
    handler.pc.create_data_channel("channel")
    await handler.pc.set_local_description()


Drop = Callable[[], Coroutine[Any, Any, None]]


async def warnings_of(drop: Drop) -> list[str]:
    """Drop connections and return the warnings, also those that come with a collection.

    What a collection finds is closed, which revives it, and so does the warning, which names it;
    the next collection frees it.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with asyncio.timeout(LIMIT):
            await drop()
            await settle()
            gc.collect()
            await settle()
        texts = [f"{each.category.__name__}: {each.message}" for each in caught]
    del caught
    gc.collect()
    return texts


@pytest.mark.parametrize("drop", [gathered, in_a_cycle, connected])
def test_it_warns_and_nothing_is_left(drop: Drop) -> None:
    texts: list[str] = []

    async def use() -> None:
        texts[:] = await warnings_of(drop)

    assert leftovers_of(use) == {}
    assert len(texts) >= 1
    assert all(text.startswith(EXPECTED) for text in texts)


def test_a_connection_that_was_never_used_has_nothing_to_warn_of() -> None:
    async def unused() -> None:
        PeerConnection().create_data_channel("channel")

    async def use() -> None:
        assert await warnings_of(unused) == []

    assert leftovers_of(use) == {}


def test_the_other_side_hears_of_it() -> None:
    async def drop_left(right: PeerConnection) -> None:
        left = PeerConnection()
        await connect_with_agreed_channel(left, right)

    async def use() -> None:
        async with PeerConnection() as right:
            assert len(await warnings_of(lambda: drop_left(right))) == 1
            await asyncio.wait_for(right.closed(), LIMIT)

    assert leftovers_of(use) == {}


def test_the_loop_ended_before() -> None:
    before = open_sockets()

    async def use() -> PeerConnection:
        pc = PeerConnection()
        pc.create_data_channel("channel")
        await pc.set_local_description()
        return pc

    pc = asyncio.run(use())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del pc
        gc.collect()
    assert len(caught) == 1
    assert "dropped without close" in str(caught[0].message)
    assert open_sockets() == before
