"""The network never waits for user code, and user code waits for the network (promises 3, 5)."""

from purertc.data_channel import DataChannel
from purertc.handler import PeerConnectionHandler
from purertc.sansio.config import Configuration
from purertc.sansio.types import ConnectionState
from tests.support.connected import connected_pair
from tests.support.runtimes import new_event, on_each_runtime, sleep, start, together, within


class Sleeper(PeerConnectionHandler):
    """Its state methods never return."""

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        await new_event().wait()


@on_each_runtime
async def test_a_sleeping_handler_delays_nothing() -> None:
    async with connected_pair() as pair:
        pair.left.attach(Sleeper())
        pair.right.attach(Sleeper())
        left, right = await pair.channel()
        await left.send("ping")
        assert await within(right.receive()) == "ping"
        await right.send("pong")
        assert await within(left.receive()) == "pong"


@on_each_runtime
async def test_handlers_that_sleep_from_the_start_do_not_keep_two_from_connecting() -> None:
    async with connected_pair([Sleeper()], [Sleeper()]) as pair:
        assert pair.left.connection_state is ConnectionState.CONNECTED


@on_each_runtime
async def test_sending_inside_handlers_on_both_sides_cannot_deadlock() -> None:
    size, count = 60_000, 40

    class Echo(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            async for message in channel:
                await channel.send(message)

    configuration = Configuration(send_high_water=64 * 1024, receive_window=262144)
    async with connected_pair(right_handlers=[Echo()], configuration=configuration) as pair:
        channel = pair.left.create_data_channel("echo")
        await within(channel.opened())

        async def send() -> None:
            for number in range(count):
                await channel.send(bytes([number]) * size)

        async def receive() -> None:
            for number in range(count):
                assert await channel.receive() == bytes([number]) * size

        await within(together(send(), receive()))


@on_each_runtime
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

        task = start(send())
        before = -1
        while before != sent:
            before = sent
            await sleep(0.1)
        assert 10 <= sent <= 25
        for number in range(60):
            assert await within(right.receive()) == bytes([number]) * 20_000
        await task.result()


@on_each_runtime
async def test_an_unread_channel_does_not_stop_the_other_events() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel()
        for _ in range(10):
            left.send_nowait(b"x" * 1000)
        other, other_right = await pair.channel()
        await other.send("hello")
        assert await within(other_right.receive()) == "hello"
        assert len(await within(right.receive())) == 1000
