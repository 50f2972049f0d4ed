"""Connections of one process do not disturb each other."""

from purertc import DataChannel, PeerConnection, PeerConnectionHandler
from tests.support.connected import connect, connected_pair
from tests.support.runtimes import on_each_runtime, together, within


class Echo(PeerConnectionHandler):
    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(message)


async def exchange(number: int, count: int) -> None:
    """Connect, send numbered messages of many lengths, and read their echo in order."""
    messages = [f"{number}/{each} " * (1 + each * 37) for each in range(count)]
    async with PeerConnection() as left, PeerConnection(Echo()) as right:
        channel = left.create_data_channel(f"channel {number}")
        await connect(left, right)
        await channel.opened()
        for message in messages:
            await channel.send(message)
        assert [await channel.receive() for _ in messages] == messages
        assert right.connection_state == "connected"


@on_each_runtime
async def test_twenty_pairs_at_once() -> None:
    await together(*(exchange(number, 12) for number in range(20)))


@on_each_runtime
async def test_one_pair_closes_while_the_other_one_sends() -> None:
    await within(_close_while_the_other_sends())


async def _close_while_the_other_sends() -> None:
    async with connected_pair() as stays:
        left, right = await stays.channel()
        async with connected_pair() as goes:
            near, far = await goes.channel()
            for number in range(26):
                await left.send(f"stays {number}")
                await near.send(f"goes {number}")
            assert await far.receive() == "goes 0"
            await goes.right.close()
        for number in range(26):
            assert await right.receive() == f"stays {number}"
        await right.send("after the other pair closed")
        assert await left.receive() == "after the other pair closed"


@on_each_runtime
async def test_one_connection_in_the_middle_of_two_others() -> None:
    await within(_pass_messages_on())


async def _pass_messages_on() -> None:
    """Messages pass from one connection to the next one."""

    class Relay(PeerConnectionHandler):
        onward: DataChannel | None = None

        async def on_data_channel(self, channel: DataChannel) -> None:
            async for message in channel:
                assert self.onward is not None
                await self.onward.send(message)

    relay, end = Relay(), Echo()
    async with (
        PeerConnection() as first,
        PeerConnection(relay) as second,
        PeerConnection() as third,
        PeerConnection(end) as fourth,
    ):
        start = first.create_data_channel("start")
        relay.onward = third.create_data_channel("onward")
        await together(connect(first, second), connect(third, fourth))
        await relay.onward.opened()
        await start.opened()
        for number in range(30):
            await start.send(f"{number}")
        for number in range(30):
            assert await relay.onward.receive() == f"{number}"
