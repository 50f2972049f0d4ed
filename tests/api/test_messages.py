"""Messages between two connections: every kind, any size, however late the reader."""

import hashlib

import pytest

from purertc.data_channel import DataChannel
from purertc.errors import MessageTooLarge
from purertc.handler import DataChannelHandler, PeerConnectionHandler
from purertc.sansio.config import Configuration
from purertc.sansio.types import DataChannelState
from tests.support.connected import connected_pair
from tests.support.runtimes import Mailbox, new_event, on_each_runtime, sleep, together, within


@on_each_runtime
async def test_text_and_bytes_of_all_sizes_in_both_directions() -> None:
    messages: list[str | bytes] = [
        "",
        b"",
        "häß€😀",
        b"\0",
        b"x" * 1200,
        "y" * 70000,
        b"z" * 262144,
    ]
    async with connected_pair() as pair:
        left, right = await pair.channel()
        for sender, receiver in ((left, right), (right, left)):
            for message in messages:
                await sender.send(message)
            received = [await within(receiver.receive()) for _ in messages]
            assert received == messages


@on_each_runtime
async def test_the_first_message_is_there_for_the_first_read_however_late() -> None:
    class Late(PeerConnectionHandler):
        def __init__(self) -> None:
            self.first: Mailbox[str | bytes] = Mailbox()

        async def on_data_channel(self, channel: DataChannel) -> None:
            await sleep(0.05)
            self.first.put(await channel.receive())

    handler = Late()
    async with connected_pair(right_handlers=[handler]) as pair:
        channel = pair.left.create_data_channel("early")
        await within(channel.opened())
        await channel.send("first")
        assert await within(handler.first.get()) == "first"


@on_each_runtime
async def test_options_reach_the_other_side() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel(ordered=False, max_retransmits=3, protocol="chat")
        for channel in (left, right):
            assert (channel.label, channel.protocol) == ("test", "chat")
            assert (channel.ordered, channel.max_retransmits) == (False, 3)
            assert channel.max_packet_life_time is None
            assert channel.negotiated is False
            assert channel.ready_state is DataChannelState.OPEN
        assert left.id == right.id
        left, right = await pair.channel(max_packet_life_time=500)
        assert left.max_packet_life_time == right.max_packet_life_time == 500


@on_each_runtime
async def test_a_message_longer_than_the_other_side_takes_is_refused() -> None:
    configuration = Configuration(max_message_size=2000)
    async with connected_pair(configuration=configuration) as pair:
        left, right = await pair.channel()
        with pytest.raises(MessageTooLarge):
            await left.send(b"x" * 2001)
        await left.send(b"x" * 2000)
        assert len(await within(right.receive())) == 2000


@on_each_runtime
async def test_bulk_data_arrives_whole_and_in_order() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel()
        sent, received = hashlib.sha256(), hashlib.sha256()

        async def send() -> None:
            for number in range(500):
                message = number.to_bytes(4, "big") * 4096
                sent.update(message)
                await left.send(message)
            await left.drain()
            await left.close()

        async def receive() -> None:
            async for message in right:
                assert isinstance(message, bytes)
                received.update(message)

        await within(together(send(), receive()), 40)
        assert sent.digest() == received.digest()


@on_each_runtime
async def test_a_byte_stream_over_a_channel() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel()
        data = bytes(range(256)) * 400

        async def send() -> None:
            async with left.stream() as stream:
                await stream.send_all(data)

        async def receive() -> bytes:
            stream, received = right.stream(), b""
            while piece := await stream.receive_some(10000):
                assert len(piece) <= 10000
                received += piece
            return received

        _, received = await within(together(send(), receive()))
        assert received == data


@on_each_runtime
async def test_a_channel_handler_echoes() -> None:
    class Echo(DataChannelHandler):
        def __init__(self, channel: DataChannel) -> None:
            self.channel = channel

        async def on_message(self, message: str | bytes) -> None:
            await self.channel.send(message)

    class Server(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            channel.attach(Echo(channel))

    async with connected_pair(right_handlers=[Server()]) as pair:
        channel = pair.left.create_data_channel("echo")
        await within(channel.opened())
        for number in range(50):
            await channel.send(f"{number}")
        received = [await within(channel.receive()) for _ in range(50)]
        assert received == [f"{number}" for number in range(50)]


@on_each_runtime
async def test_the_low_threshold_is_told_to_handlers() -> None:
    class Low(DataChannelHandler):
        def __init__(self) -> None:
            self.told = new_event()

        async def on_buffered_amount_low(self) -> None:
            self.told.set()

    async with connected_pair() as pair:
        left, right = await pair.channel()
        left.attach(handler := Low())
        left.buffered_amount_low_threshold = 100_000
        for _ in range(4):
            await left.send(b"x" * 100_000)
        assert left.buffered_amount > 100_000
        assert len(await within(right.receive())) == 100_000
        await within(handler.told.wait())
        assert left.buffered_amount <= 100_000


@on_each_runtime
async def test_closing_a_channel_sends_what_is_queued_first() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel()
        for _ in range(8):
            left.send_nowait(b"x" * 100_000)
        await within(left.close())
        assert [len(message) async for message in right] == [100_000] * 8
        assert right.ready_state is DataChannelState.CLOSED
        again, _ = await pair.channel()
        assert again.ready_state is DataChannelState.OPEN
