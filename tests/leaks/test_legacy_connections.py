"""The legacy API on purertc leaves nothing either, once its connections are closed."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from purertc_compat import RTCConfiguration, RTCPeerConnection
from purertc_compat._deprecation import set_mode
from tests.support.leftovers import leftovers_of, settle
from tests.support.pairs import LIMIT


@pytest.fixture(autouse=True)
def _no_deprecation_warnings() -> Iterator[None]:
    before = set_mode("off")
    yield
    set_mode(before)


async def connect(left: RTCPeerConnection, right: RTCPeerConnection) -> None:
    await left.setLocalDescription(await left.createOffer())
    assert left.localDescription is not None
    await right.setRemoteDescription(left.localDescription)
    await right.setLocalDescription(await right.createAnswer())
    assert right.localDescription is not None
    await left.setRemoteDescription(right.localDescription)


def legacy_connection() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


def test_closed_after_use_by_listeners_that_keep_everything() -> None:
    async def use() -> None:
        left, right = legacy_connection(), legacy_connection()
        echoed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        @right.on("datachannel")
        def on_channel(channel: Any) -> None:  # noqa: ANN401  # of either implementation
            channel.on("message", lambda message: (right, channel.send(message)))

        channel = left.createDataChannel("channel")
        channel.on("open", lambda: channel.send("hello"))
        channel.on("message", echoed.set_result)
        async with asyncio.timeout(LIMIT):
            await connect(left, right)
            assert await echoed == "hello"
            await left.close()
            await right.close()

    assert leftovers_of(use) == {}


def test_closed_by_the_other_side() -> None:
    async def use() -> None:
        left, right = legacy_connection(), legacy_connection()
        opened, closed = asyncio.Event(), asyncio.Event()
        channel = left.createDataChannel("channel")
        channel.on("open", opened.set)
        right.on("connectionstatechange", lambda: _note_closed(right, closed))
        async with asyncio.timeout(LIMIT):
            await connect(left, right)
            await opened.wait()
            await left.close()
            await closed.wait()
            await right.close()
            await settle()

    assert leftovers_of(use) == {}


def _note_closed(pc: RTCPeerConnection, closed: asyncio.Event) -> None:
    if pc.connectionState == "closed":
        closed.set()


@pytest.mark.parametrize("stage", ["new", "offer", "answer"])
def test_closed_before_it_was_connected(stage: str) -> None:
    async def use() -> None:
        left, right = legacy_connection(), legacy_connection()
        left.createDataChannel("channel")
        if stage != "new":
            await left.setLocalDescription(await left.createOffer())
        if stage == "answer":
            assert left.localDescription is not None
            await right.setRemoteDescription(left.localDescription)
            await right.setLocalDescription(await right.createAnswer())
        async with asyncio.timeout(LIMIT):
            await left.close()
            await right.close()

    assert leftovers_of(use) == {}
