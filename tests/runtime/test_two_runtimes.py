"""Two connections in one process, each on the runtime of its own thread, talk to each other."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

import pytest
import trio

from purertc.data_channel import DataChannel
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.sansio.description import SessionDescription

LIMIT = 20

Take = Callable[[], Awaitable[str]]


class Echo(PeerConnectionHandler):
    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(message)


async def offer(give: Callable[[str], None], take: Take) -> list[str | bytes]:
    """The same code on every runtime: send three messages and return their echoes."""
    async with PeerConnection() as pc:
        channel = pc.create_data_channel("across")
        await pc.set_local_description()
        give(await description_of(pc))
        await pc.set_remote_description(SessionDescription.from_json(await take()))
        await channel.opened()
        echoes = []
        for message in ("hello", b"\0\1\2", "x" * 100_000):
            await channel.send(message)
            echoes.append(await channel.receive())
        return echoes


async def answer(give: Callable[[str], None], take: Take) -> str | None:
    """The same code on every runtime: echo until the other side closes."""
    async with PeerConnection(Echo()) as pc:
        await pc.set_remote_description(SessionDescription.from_json(await take()))
        await pc.set_local_description()
        give(await description_of(pc))
        await pc.closed()
        return pc.close_reason


async def description_of(pc: PeerConnection) -> str:
    await pc.gathering_complete()
    assert pc.local_description is not None
    return json.dumps(pc.local_description.to_json())


Side = Callable[[Callable[[str], None], Take], Awaitable[object]]


def on_asyncio(side: Side, give: Callable[[str], None], inbox: "Queue[str]") -> object:
    async def main() -> object:
        async with asyncio.timeout(LIMIT):
            return await side(give, lambda: asyncio.to_thread(inbox.get, timeout=LIMIT))

    return asyncio.run(main())


def on_trio(side: Side, give: Callable[[str], None], inbox: "Queue[str]") -> object:
    async def main() -> object:
        with trio.fail_after(LIMIT):
            return await side(give, lambda: trio.to_thread.run_sync(inbox.get, True, LIMIT))

    return trio.run(main)


@pytest.mark.parametrize(
    ("offering", "answering"),
    [(on_asyncio, on_trio), (on_trio, on_asyncio), (on_trio, on_trio), (on_asyncio, on_asyncio)],
)
def test_each_side_runs_on_its_own_loop(
    offering: Callable[..., object], answering: Callable[..., object]
) -> None:
    to_offerer: Queue[str] = Queue()
    to_answerer: Queue[str] = Queue()
    with ThreadPoolExecutor(2) as threads:
        offered = threads.submit(offering, offer, to_answerer.put, to_offerer)
        answered = threads.submit(answering, answer, to_offerer.put, to_answerer)
        assert offered.result(LIMIT) == ["hello", b"\0\1\2", "x" * 100_000]
        assert answered.result(LIMIT)
