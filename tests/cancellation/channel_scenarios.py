"""What is cancelled on a channel or its stream of bytes, and what must hold afterwards."""

import anyio

from purertc import Configuration, DataChannel
from tests.cancellation.linked import linked, signal, turns, unconnected
from tests.support.cancellation import Cancelling, Scenario, When

__all__ = ["SCENARIOS"]

BULK = b"x" * 60_000
NARROW = Configuration(receive_window=65536, max_message_size=65536, send_high_water=65536)
"""The bulk fills the window of the other side and the buffer of this one."""


async def read_up_to(channel: DataChannel, last: str) -> list[str | bytes]:
    """Read messages until ``last``."""
    messages = [await channel.receive()]
    while messages[-1] != last:
        messages.append(await channel.receive())
    return messages


async def send(cancelling: Cancelling) -> None:
    """Those who wait before and behind the cancelled one are served in order."""
    async with linked(configuration=NARROW) as world, anyio.create_task_group() as tasks:
        for message in (BULK, BULK, BULK, "before"):
            tasks.start_soon(world.near.send, message)
            await turns(2)
        received: list[str | bytes] = []
        finished = anyio.Event()

        async def read_later() -> None:
            await turns(8)
            received.extend(await read_up_to(world.far, "last"))
            finished.set()

        tasks.start_soon(read_later)
        ended = await cancelling(world.near.send("cancelled"))
        await world.near.send("last")
        await finished.wait()
        assert [each for each in received if each != "cancelled"] == [BULK] * 3 + ["before", "last"]
        if not ended.cancelled:
            assert received.count("cancelled") == 1
        elif cancelling.when is When.WAITING:
            assert "cancelled" not in received
        await world.still_works()


async def receive(cancelling: Cancelling) -> None:
    async with linked() as world, anyio.create_task_group() as tasks:

        async def send_later() -> None:
            await turns(8)
            await world.far.send("first")
            await world.far.send("second")

        tasks.start_soon(send_later)
        ended = await cancelling(world.near.receive())
        expected = ["first", "second"] if ended.cancelled else ["second"]
        assert [await world.near.receive() for _ in expected] == expected
        await world.still_works()


async def iterate(cancelling: Cancelling) -> None:
    async with linked() as world, anyio.create_task_group() as tasks:

        async def send_later() -> None:
            await turns(8)
            for number in range(4):
                await world.far.send(f"{number}")

        received: list[str | bytes] = []

        async def read() -> None:
            async for message in world.near:
                received.append(message)
                await turns(1)
                if message == "3":
                    return

        tasks.start_soon(send_later)
        await cancelling(read())
        while len(received) < 4:
            received.append(await world.near.receive())
        assert received == ["0", "1", "2", "3"]
        await world.still_works()


async def receive_shuts_no_window(cancelling: Cancelling) -> None:
    """What a cancelled reader left is read by the next one, and opens the window."""
    async with linked(configuration=NARROW) as world, anyio.create_task_group() as tasks:

        async def send_much() -> None:
            for _ in range(20):
                await world.far.send(b"y" * 30_000)

        received: list[str | bytes] = []

        async def read() -> None:
            while len(received) < 5:
                received.append(await world.near.receive())

        tasks.start_soon(send_much)
        await cancelling(read())
        while len(received) < 20:
            received.append(await world.near.receive())
        assert received == [b"y" * 30_000] * 20
        await world.still_works()


async def drain(cancelling: Cancelling) -> None:
    async with linked(configuration=NARROW) as world, anyio.create_task_group() as tasks:
        world.near.send_nowait(BULK)

        async def read_later() -> None:
            await turns(8)
            assert await world.far.receive() == BULK

        tasks.start_soon(read_later)
        ended = await cancelling(world.near.drain())
        assert ended.cancelled or not world.near.buffered_amount
        await world.near.drain()
        assert world.near.buffered_amount == 0


async def opened(cancelling: Cancelling) -> None:
    async with unconnected() as (left, right):
        channel = left.create_data_channel("another")
        await signal(left, right)
        ended = await cancelling(channel.opened())
        assert ended.cancelled or channel.ready_state == "open"
        await channel.opened()


async def close(cancelling: Cancelling) -> None:
    """What was sent before still arrives."""
    async with linked(configuration=NARROW) as world, anyio.create_task_group() as tasks:
        world.near.send_nowait(BULK)

        async def read_later() -> None:
            await turns(8)
            assert [message async for message in world.far] == [BULK]

        tasks.start_soon(read_later)
        ended = await cancelling(world.near.close())
        assert world.near.ready_state in ("closing", "closed")
        assert ended.cancelled or world.near.ready_state == "closed"
        await world.near.close()
        await world.far.close()


async def closed(cancelling: Cancelling) -> None:
    async with linked() as world, anyio.create_task_group() as tasks:

        async def close_later() -> None:
            await turns(8)
            await world.far.close()

        tasks.start_soon(close_later)
        ended = await cancelling(world.near.closed())
        assert ended.cancelled or world.near.ready_state == "closed"
        await world.near.closed()


async def whole_life(cancelling: Cancelling) -> None:
    """``async with channel`` closes it wherever the cancellation comes."""
    async with linked() as world:

        async def live() -> None:
            async with world.near as channel:
                await channel.send("sent")
                await channel.drain()

        await cancelling(live())
        assert world.near.ready_state in ("closing", "closed")
        await world.near.close()
        assert [message async for message in world.far] == ["sent"]


async def send_all(cancelling: Cancelling) -> None:
    """The beginning of the data was sent, and what is sent later follows it."""
    data = bytes(range(256)) * 1000
    async with linked(configuration=NARROW) as world, anyio.create_task_group() as tasks:
        received = bytearray()

        async def read() -> None:
            await turns(8)
            far = world.far.stream()
            while piece := await far.receive_some():
                received.extend(piece)

        tasks.start_soon(read)
        near = world.near.stream()
        ended = await cancelling(near.send_all(data))
        await near.send_all(b"the end")
        await near.aclose()
        await world.far.close()
        sent = bytes(received).removesuffix(b"the end")
        assert len(sent) < len(received)
        assert data.startswith(sent)
        assert ended.cancelled or sent == data


async def receive_some(cancelling: Cancelling) -> None:
    async with linked() as world, anyio.create_task_group() as tasks:
        near, far = world.near.stream(), world.far.stream()

        async def send_later() -> None:
            await turns(8)
            await far.send_all(b"abcdef")

        tasks.start_soon(send_later)
        ended = await cancelling(near.receive_some(4))
        received = ended.value or b""
        while len(received) < 6:
            received += await near.receive_some(4)
        assert received == b"abcdef"


async def stream_closed(cancelling: Cancelling) -> None:
    async with linked() as world:

        async def live() -> None:
            async with world.near.stream() as stream:
                await stream.send_all(b"sent")

        await cancelling(live())
        assert world.near.ready_state in ("closing", "closed")
        await world.near.close()
        assert await world.far.stream().receive_some() == b"sent"


SCENARIOS: dict[str, Scenario] = {
    "DataChannel.send": send,
    "DataChannel.receive": receive,
    "DataChannel.receive of much": receive_shuts_no_window,
    "DataChannel.__anext__": iterate,
    "DataChannel.drain": drain,
    "DataChannel.opened": opened,
    "DataChannel.close": close,
    "DataChannel.closed": closed,
    "DataChannel.__aenter__": whole_life,
    "DataChannel.__aexit__": whole_life,
    "ByteStream.send_all": send_all,
    "ByteStream.receive_some": receive_some,
    "ByteStream.aclose": stream_closed,
    "ByteStream.__aenter__": stream_closed,
    "ByteStream.__aexit__": stream_closed,
}
"""By the coroutine that is cancelled, and what is special about it."""
