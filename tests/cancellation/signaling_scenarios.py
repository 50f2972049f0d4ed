"""What is cancelled on a signalling line, and what must hold afterwards. Asyncio only."""

import asyncio
import functools
import io
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from purertc import PeerConnection, SessionDescription
from purertc.signaling import (
    BYE,
    CopyAndPasteSignaling,
    Signaling,
    TcpSocketSignaling,
    UnixSocketSignaling,
    exchange_descriptions,
    object_to_string,
)
from tests.cancellation.linked import turns
from tests.support.cancellation import Cancelling, Scenario

__all__ = ["SCENARIOS"]

OFFER = SessionDescription("offer", "v=0\r\n")
ANSWER = SessionDescription("answer", "v=0\r\n")
LONG = SessionDescription("offer", "v=0\r\n" + "a=" + "x" * 800_000 + "\r\n")

Line = Callable[[], AbstractAsyncContextManager[tuple[Signaling, Signaling]]]


@asynccontextmanager
async def over_unix() -> AsyncIterator[tuple[Signaling, Signaling]]:
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "line")
        async with UnixSocketSignaling(path) as one, UnixSocketSignaling(path) as other:
            yield one, other
        assert os.listdir(folder) == []


@asynccontextmanager
async def over_tcp() -> AsyncIterator[tuple[Signaling, Signaling]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    one, other = TcpSocketSignaling("127.0.0.1", port), TcpSocketSignaling("127.0.0.1", port)
    async with one, other:
        yield one, other


async def exchange(one: Signaling, other: Signaling) -> None:
    """The line still works both ways; what was sent before has been read."""
    reading = asyncio.create_task(other.receive())
    await one.send(ANSWER)
    assert await reading == ANSWER
    await other.send(OFFER)
    assert await one.receive() == OFFER


async def send_over(line: Line, cancelling: Cancelling) -> None:
    """The first one waits for the other side."""
    async with line() as (one, other):

        async def read() -> None:
            await turns(12)
            while await other.receive() == OFFER:
                pass

        reading = asyncio.create_task(read())
        ended = await cancelling(one.send(OFFER))
        if ended.cancelled:
            await one.send(OFFER)
        await one.send(ANSWER)
        await reading
        await exchange(one, other)


async def send_much_over(line: Line, cancelling: Cancelling) -> None:
    """Each message was sent whole or not at all."""
    async with line() as (one, other):
        await asyncio.gather(one.send(OFFER), other.receive())
        received: list[object] = []

        async def read() -> None:
            await turns(12)
            while ANSWER not in received:
                received.append(await other.receive())

        async def send() -> None:
            for _ in range(10):
                await one.send(LONG)

        reading = asyncio.create_task(read())
        ended = await cancelling(send())
        await one.send(ANSWER)
        await reading
        assert received.pop() == ANSWER
        assert received == [LONG] * len(received)
        assert ended.cancelled or len(received) == 10
        await exchange(one, other)


async def receive_over(line: Line, cancelling: Cancelling) -> None:
    """The first one connects to the other side, which may come later."""
    async with line() as (one, other):

        async def send() -> None:
            await turns(12)
            await one.send(OFFER)

        sending = asyncio.create_task(send())
        ended = await cancelling(other.receive())
        assert (await other.receive() if ended.cancelled else ended.value) == OFFER
        await sending
        await exchange(one, other)


async def iterate_over(line: Line, cancelling: Cancelling) -> None:
    async with line() as (one, other):
        received: list[object] = []

        async def read() -> None:
            async for message in other:
                received.append(message)
                if len(received) == 2:
                    return

        async def send() -> None:
            await one.send(OFFER)
            await turns(5)
            await one.send(ANSWER)

        sending = asyncio.create_task(send())
        await cancelling(read())
        while len(received) < 2:
            received.append(await other.receive())
        assert received == [OFFER, ANSWER]
        await sending
        await exchange(one, other)


async def close_over(line: Line, cancelling: Cancelling) -> None:
    """The goodbye arrives, and the line is closed."""
    async with line() as (one, other):
        await asyncio.gather(one.send(OFFER), other.receive())
        await cancelling(one.close())
        assert await other.receive() is BYE
        assert await other.receive() is None
        await one.close()


async def life_over(line: Line, cancelling: Cancelling) -> None:
    """``async with`` is left by the cancellation wherever it comes."""

    async def live() -> None:
        async with line() as (one, other):
            await asyncio.gather(one.send(OFFER), other.receive())

    await cancelling(live())


def over(line: Line, scenario: Callable[[Line, Cancelling], Coroutine[Any, Any, None]]) -> Scenario:
    """Let a scenario run over one kind of line."""
    return functools.partial(scenario, line)


async def exchanged(cancelling: Cancelling) -> None:
    """The connection and the line can be closed wherever it comes."""
    async with over_unix() as (one, other), PeerConnection() as left, PeerConnection() as right:
        left.create_data_channel("test")
        answering = asyncio.create_task(exchange_descriptions(right, other, offer=False))
        ended = await cancelling(exchange_descriptions(left, one, offer=True))
        if ended.cancelled:
            answering.cancel()
            await asyncio.wait([answering])
        else:
            await answering
            await left.connected()
        assert left.signaling_state in ("stable", "have-local-offer")


@asynccontextmanager
async def by_hand() -> AsyncIterator[tuple[CopyAndPasteSignaling, int]]:
    """A line by hand, and where to type what the other side would."""
    keyboard, terminal = os.pipe()
    with os.fdopen(keyboard) as source:
        signaling = CopyAndPasteSignaling(source, io.StringIO())
        try:
            yield signaling, terminal
        finally:
            os.close(terminal)
            await signaling.close()


async def copy_and_paste(cancelling: Cancelling) -> None:
    async with by_hand() as (signaling, terminal):
        received: list[object] = []

        async def type_in() -> None:
            await turns(6)
            text = object_to_string(OFFER).encode() + b"\n"
            os.write(terminal, text[:10])
            await turns(6)
            os.write(terminal, text[10:])

        async def live() -> None:
            await signaling.connect()
            await signaling.send(ANSWER)
            received.append(await signaling.receive())

        typing = asyncio.create_task(type_in())
        await cancelling(live())
        await signaling.connect()
        if not received:
            received.append(await signaling.receive())
        assert received == [OFFER]
        await typing
        await signaling.close()


SOCKETS = {
    "send": send_over,
    "send of much": send_much_over,
    "receive": receive_over,
    "__aiter__": iterate_over,
    "close": close_over,
    "connect": life_over,
    "__aenter__": life_over,
    "__aexit__": life_over,
}

SCENARIOS: dict[str, Scenario] = {
    f"{kind}.{name}": over(line, scenario)
    for kind, line in (("TcpSocketSignaling", over_tcp), ("UnixSocketSignaling", over_unix))
    for name, scenario in SOCKETS.items()
}
SCENARIOS |= {"exchange_descriptions": exchanged, "CopyAndPasteSignaling": copy_and_paste}
"""By the coroutine that is cancelled, and what is special about it."""
