"""A connection whose other side vanished without a goodbye notices, and leaves nothing."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from purertc import (
    ChannelClosed,
    ConnectionState,
    DataChannel,
    PeerConnection,
    PeerConnectionHandler,
)
from tests.support.faults import IMPATIENT as NOTICES_SOON
from tests.support.faults import vanish
from tests.support.leftovers import leftovers_of
from tests.support.pairs import LIMIT, connect

IMPATIENT = replace(NOTICES_SOON, checking_timeout=0.3)


class States(PeerConnectionHandler):
    def __init__(self) -> None:
        self.states: asyncio.Queue[ConnectionState] = asyncio.Queue()

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        self.states.put_nowait(state)

    async def reached(self, state: ConnectionState) -> None:
        while await self.states.get() is not state:
            pass


async def send_until_closed(channel: DataChannel) -> None:
    with suppress(ChannelClosed):
        while True:
            await channel.send(b"x" * 10_000)


async def receive_until_closed(channel: DataChannel) -> None:
    async for _ in channel:
        pass


async def test_the_states_are_disconnected_then_failed() -> None:
    handler = States()
    async with PeerConnection(handler, configuration=IMPATIENT) as pc, PeerConnection() as other:
        pc.create_data_channel("channel")
        await connect(pc, other)
        vanish(other)
        async with asyncio.timeout(LIMIT):
            await handler.reached(ConnectionState.DISCONNECTED)
            await handler.reached(ConnectionState.FAILED)
        assert pc.close_reason


def test_while_it_sends_and_receives() -> None:
    async def use() -> None:
        handler = States()
        async with (
            asyncio.timeout(LIMIT),
            asyncio.TaskGroup() as tasks,
            PeerConnection(handler, configuration=IMPATIENT) as pc,
            PeerConnection() as other,
        ):
            channel = pc.create_data_channel("channel")
            await connect(pc, other)
            await channel.opened()
            tasks.create_task(send_until_closed(channel))
            tasks.create_task(receive_until_closed(channel))
            vanish(other)
            await handler.reached(ConnectionState.FAILED)

    assert leftovers_of(use) == {}


def test_closed_before_it_was_noticed() -> None:
    async def use() -> None:
        async with asyncio.timeout(LIMIT), PeerConnection() as pc, PeerConnection() as other:
            channel = pc.create_data_channel("channel")
            await connect(pc, other)
            await channel.opened()
            vanish(other)
            await channel.send(b"x" * 200_000)

    assert leftovers_of(use) == {}


def test_vanished_between_offer_and_connection() -> None:
    async def use() -> None:
        handler = States()
        async with (
            asyncio.timeout(LIMIT),
            PeerConnection(handler, configuration=IMPATIENT) as pc,
            PeerConnection() as other,
        ):
            pc.create_data_channel("channel")
            await pc.set_local_description()
            await pc.gathering_complete()
            assert pc.local_description is not None
            await other.set_remote_description(pc.local_description)
            await other.set_local_description()
            await other.gathering_complete()
            vanish(other)
            assert other.local_description is not None
            await pc.set_remote_description(other.local_description)
            await handler.reached(ConnectionState.FAILED)

    assert leftovers_of(use) == {}
