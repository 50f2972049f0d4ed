"""Connections that end in unusual ways leave nothing."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from purertc import (
    ArgumentError,
    ChannelClosed,
    ConnectionFailed,
    DataChannel,
    PeerConnection,
    SessionDescription,
    events,
)
from tests.support.leftovers import leftovers_of
from tests.support.pairs import LIMIT, Announced, Pair, connect, connected_pair, signal


def test_the_certificate_does_not_match() -> None:
    async def use() -> None:
        async with asyncio.timeout(LIMIT), PeerConnection() as left, PeerConnection() as right:
            left.create_data_channel("channel")
            await left.set_local_description()
            await left.gathering_complete()
            assert left.local_description is not None
            sdp = re.sub("a=fingerprint:[^\r\n]*", _other_fingerprint, left.local_description.sdp)
            await right.set_remote_description(SessionDescription("offer", sdp))
            await right.set_local_description()
            await right.gathering_complete()
            assert right.local_description is not None
            await left.set_remote_description(right.local_description)
            for pc in (left, right):
                with suppress(ConnectionFailed):
                    await pc.connected()

    assert leftovers_of(use) == {}


def _other_fingerprint(line: re.Match[str]) -> str:
    text = line.group(0)
    return text[:-1] + ("1" if text[-1] != "1" else "2")


async def unread(pair: Pair, left: DataChannel, right: DataChannel) -> None:
    for _ in range(10):
        left.send_nowait(b"x" * 50_000)
    assert len(await right.receive()) == 50_000


async def unsent(pair: Pair, left: DataChannel, right: DataChannel) -> None:
    left.high_water = None
    for _ in range(50):
        left.send_nowait(b"x" * 200_000)


async def stream(pair: Pair, left: DataChannel, right: DataChannel) -> None:
    writer, reader = left.stream(), right.stream()
    await writer.send_all(b"x" * 100_000)
    assert len(await reader.receive_some(10)) == 10


async def loop_left_early(pair: Pair, left: DataChannel, right: DataChannel) -> None:
    left.send_nowait("first")
    left.send_nowait("second")
    async for message in right:
        assert message == "first"
        break


async def channel_closed_with_unread_messages(
    pair: Pair, left: DataChannel, right: DataChannel
) -> None:
    left.send_nowait("unread")
    await left.close()


async def renegotiated(pair: Pair, left: DataChannel, right: DataChannel) -> None:
    await signal(pair.right, pair.left)
    await signal(pair.left, pair.right)


async def mistakes(pair: Pair, left: DataChannel, right: DataChannel) -> None:
    wrong: Any
    for wrong in (5, "x" * 300_000):
        with suppress(ArgumentError):
            await left.send(wrong)
    with suppress(ArgumentError):
        pair.left.create_data_channel("duplicate", id=1000)
    with suppress(ArgumentError):
        await pair.left.set_remote_description(SessionDescription("offer", "v=0\r\nnonsense"))


async def closed_from_the_other_side(pair: Pair, left: DataChannel, right: DataChannel) -> None:
    left.high_water = 1
    left.send_nowait(b"x" * 100_000)
    waiting = asyncio.create_task(left.send(b"x" * 100_000))
    await asyncio.sleep(0)
    await pair.right.close()
    await asyncio.wait([waiting])
    assert isinstance(waiting.exception(), ChannelClosed)
    await pair.left.closed()


Ending = Callable[[Pair, DataChannel, DataChannel], Coroutine[Any, Any, None]]

ENDINGS: tuple[Ending, ...] = (
    unread,
    unsent,
    stream,
    loop_left_early,
    channel_closed_with_unread_messages,
    renegotiated,
    mistakes,
    closed_from_the_other_side,
)


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_a_connection_that_was_left_like_this(ending: Ending) -> None:
    async def use() -> None:
        async with asyncio.timeout(LIMIT), connected_pair() as pair:
            await ending(pair, *await pair.channel())

    assert leftovers_of(use) == {}


class Sink:
    """Keeps every event, and through them every channel."""

    def __init__(self) -> None:
        self.pc: PeerConnection | None = None
        self.seen: list[events.Event] = []

    def deliver(self, event: events.Event) -> None:
        self.seen.append(event)


def test_a_sink_that_keeps_all_events() -> None:
    async def use() -> None:
        sink = Sink()
        async with (
            asyncio.timeout(LIMIT),
            PeerConnection(event_sink=sink) as left,
            PeerConnection(Announced()) as right,
        ):
            sink.pc = left
            channel = left.create_data_channel("channel")
            await connect(left, right)
            await channel.opened()
        assert isinstance(sink.seen[-1], events.ConnectionStateChanged)

    assert leftovers_of(use) == {}
