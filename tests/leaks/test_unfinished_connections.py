"""Connections that never got anywhere leave nothing, at whatever stage they stopped."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from purertc import DataChannel, PeerConnection, PeerConnectionHandler, SessionDescription
from tests.support.leftovers import leftovers_of
from tests.support.pairs import LIMIT, signal

Stage = Callable[[PeerConnection, PeerConnection], Coroutine[Any, Any, None]]


async def never_used(one: PeerConnection, other: PeerConnection) -> None:
    pass


async def channel_made(one: PeerConnection, other: PeerConnection) -> None:
    one.create_data_channel("channel")


async def offer_made(one: PeerConnection, other: PeerConnection) -> None:
    one.create_data_channel("channel")
    await one.create_offer()


async def offer_set(one: PeerConnection, other: PeerConnection) -> None:
    one.create_data_channel("channel")
    await one.set_local_description()


async def offer_received(one: PeerConnection, other: PeerConnection) -> None:
    await offer_set(one, other)
    assert one.local_description is not None
    await other.set_remote_description(one.local_description)


async def answer_never_arrives(one: PeerConnection, other: PeerConnection) -> None:
    await offer_received(one, other)
    await other.set_local_description()
    await asyncio.sleep(0.02)


async def offer_rolled_back(one: PeerConnection, other: PeerConnection) -> None:
    await offer_set(one, other)
    await one.set_local_description(SessionDescription("rollback"))


async def checks_under_way(one: PeerConnection, other: PeerConnection) -> None:
    one.create_data_channel("channel")
    await signal(one, other)


async def one_side_without_candidates(one: PeerConnection, other: PeerConnection) -> None:
    await answer_never_arrives(one, other)
    assert other.local_description is not None
    lines = other.local_description.sdp.splitlines(keepends=True)
    answer = "".join(line for line in lines if not line.startswith("a=candidate"))
    await one.set_remote_description(SessionDescription("answer", answer))


async def other_side_closed_first(one: PeerConnection, other: PeerConnection) -> None:
    await answer_never_arrives(one, other)
    answer = other.local_description
    assert answer is not None
    await other.close()
    await one.set_remote_description(answer)
    await asyncio.sleep(0.02)


STAGES = (
    never_used,
    channel_made,
    offer_made,
    offer_set,
    offer_received,
    answer_never_arrives,
    offer_rolled_back,
    checks_under_way,
    one_side_without_candidates,
    other_side_closed_first,
)


class Handler(PeerConnectionHandler):
    """Keeps what it sees, as programs do."""

    def __init__(self) -> None:
        self.channels: list[DataChannel] = []

    async def on_data_channel(self, channel: DataChannel) -> None:
        self.channels.append(channel)


@pytest.mark.parametrize("stage", STAGES, ids=[stage.__name__ for stage in STAGES])
def test_closed_at_this_stage(stage: Stage) -> None:
    async def use() -> None:
        async with (
            asyncio.timeout(LIMIT),
            PeerConnection(Handler()) as one,
            PeerConnection(Handler()) as other,
        ):
            await stage(one, other)

    assert leftovers_of(use) == {}
