"""The network never waits for user code, and user code waits for the network (promises 3, 5)."""

import asyncio

from purertc.data_channel import DataChannel
from purertc.handler import PeerConnectionHandler
from purertc.sansio.config import Configuration
from purertc.sansio.types import ConnectionState
from tests.support.pairs import LIMIT, connected_pair


class Sleeper(PeerConnectionHandler):
    """Its state methods never return."""

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        await asyncio.Event().wait()


async def test_a_sleeping_handler_delays_nothing() -> None:
    async with connected_pair() as pair:
        pair.left.attach(Sleeper())
        pair.right.attach(Sleeper())
        left, right = await pair.channel()
        await left.send("ping")
        assert await asyncio.wait_for(right.receive(), LIMIT) == "ping"
        await right.send("pong")
        assert await asyncio.wait_for(left.receive(), LIMIT) == "pong"


async def test_handlers_that_sleep_from_the_start_do_not_keep_two_from_connecting() -> None:
    async with connected_pair([Sleeper()], [Sleeper()]) as pair:
        assert pair.left.connection_state is ConnectionState.CONNECTED


async def test_sending_inside_handlers_on_both_sides_cannot_deadlock() -> None:
    size, count = 60_000, 40

    class Echo(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            async for message in channel:
                await channel.send(message)

    configuration = Configuration(send_high_water=64 * 1024, receive_window=262144)
    async with connected_pair(right_handlers=[Echo()], configuration=configuration) as pair:
        channel = pair.left.create_data_channel("echo")
        await asyncio.wait_for(channel.opened(), LIMIT)

        async def send() -> None:
            for number in range(count):
                await channel.send(bytes([number]) * size)

        async def receive() -> None:
            for number in range(count):
                assert await channel.receive() == bytes([number]) * size

        await asyncio.wait_for(asyncio.gather(send(), receive()), LIMIT)


async def test_a_reader_that_does_not_read_stops_the_sender_and_loses_nothing() -> None:
    configuration = Configuration(send_high_water=100_000, receive_window=262144)
    async with connected_pair(configuration=configuration) as pair:
        left, right = await pair.channel()
        sent = 0

        async def send() -> None:
            nonlocal sent
            for number in range(60):
                await left.send(bytes([number]) * 20_000)
                sent += 1

        task = asyncio.create_task(send())
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.1)
        assert 10 <= sent <= 25
        for number in range(60):
            assert await asyncio.wait_for(right.receive(), LIMIT) == bytes([number]) * 20_000
        await asyncio.wait_for(task, LIMIT)


async def test_an_unread_channel_does_not_stop_the_other_events() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel()
        for _ in range(10):
            left.send_nowait(b"x" * 1000)
        other, other_right = await pair.channel()
        await other.send("hello")
        assert await asyncio.wait_for(other_right.receive(), LIMIT) == "hello"
        assert len(await asyncio.wait_for(right.receive(), LIMIT)) == 1000
