"""Cancelling whatever waits, close() included, leaves nothing."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from purertc import (
    ConnectionState,
    DataChannel,
    PeerConnection,
    PeerConnectionHandler,
    handler_tasks,
)
from tests.support.leftovers import leftovers_of
from tests.support.pairs import LIMIT, connect, signal


class Lingers(PeerConnectionHandler):
    """Does not end by itself when the connection closes."""

    async def on_data_channel(self, channel: DataChannel) -> None:
        await asyncio.Event().wait()

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        if state is ConnectionState.CLOSED:
            await asyncio.Event().wait()


async def cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("turns", range(1, 5))
def test_close_cancelled_while_handlers_still_run(
    turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler_tasks, "CLOSE_GRACE", 0.05)

    async def use() -> None:
        async with asyncio.timeout(LIMIT):
            left, right = PeerConnection(Lingers()), PeerConnection(Lingers())
            channel = left.create_data_channel("channel")
            await connect(left, right)
            await channel.opened()
            for pc in (left, right):
                closing = asyncio.create_task(pc.close())
                for _ in range(turns):
                    await asyncio.sleep(0)
                await cancel(closing)
            await left.closed()
            await right.closed()

    assert leftovers_of(use) == {}


Wait = Callable[[PeerConnection, DataChannel], Coroutine[Any, Any, object]]


@pytest.mark.parametrize(
    "wait",
    [
        lambda pc, _: pc.closed(),
        lambda _, channel: channel.receive(),
        lambda _, channel: channel.send(b"x" * 100_000),
        lambda _, channel: channel.drain(),
        lambda _, channel: channel.close(),
    ],
    ids=["closed", "receive", "send", "drain", "close of a channel"],
)
def test_a_cancelled_wait_on_a_running_connection(wait: Wait) -> None:
    async def use() -> None:
        async with asyncio.timeout(LIMIT), PeerConnection() as left, PeerConnection() as right:
            channel = left.create_data_channel("channel")
            await connect(left, right)
            await channel.opened()
            channel.high_water = 1
            channel.send_nowait(b"x" * 200_000)
            waiting = asyncio.create_task(wait(left, channel))
            await asyncio.sleep(0)
            await cancel(waiting)

    assert leftovers_of(use) == {}


def test_connecting_given_up() -> None:
    async def use() -> None:
        async with asyncio.timeout(LIMIT), PeerConnection() as left, PeerConnection() as right:
            channel = left.create_data_channel("channel")
            waits = (left.connected(), left.gathering_complete(), channel.opened())
            waiting = [asyncio.create_task(wait) for wait in waits]
            await signal(left, right)
            for task in waiting:
                await cancel(task)

    assert leftovers_of(use) == {}


@pytest.mark.parametrize("turns", range(6))
def test_negotiation_cancelled_at_any_turn(turns: int) -> None:
    async def use() -> None:
        async with asyncio.timeout(LIMIT), PeerConnection() as left, PeerConnection() as right:
            left.create_data_channel("channel")
            waiting = asyncio.create_task(signal(left, right))
            for _ in range(turns):
                await asyncio.sleep(0)
            await cancel(waiting)

    assert leftovers_of(use) == {}
