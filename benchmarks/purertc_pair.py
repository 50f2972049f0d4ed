"""Two connections of purertc in one process, on whatever loop is running."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.stopwatch import Stopwatch, Times
from purertc import DataChannel, PeerConnection, PeerConnectionHandler


class Greeter(PeerConnectionHandler):
    """Says hello on each channel of the other side."""

    async def on_data_channel(self, channel: DataChannel) -> None:
        await channel.send("hello")


@asynccontextmanager
async def open_pair() -> AsyncIterator[Times]:
    """Yield what the set-up took, and keep the connections open until the block ends.

    It is over when the offering side has read a message that the other sent on its open channel.
    """
    async with PeerConnection() as offering, PeerConnection(Greeter()) as answering:
        channel = offering.create_data_channel("pair")
        watch = Stopwatch()
        await offering.set_local_description(await offering.create_offer())
        await answering.set_remote_description(await offering.gathering_complete())
        await answering.set_local_description(await answering.create_answer())
        await offering.set_remote_description(await answering.gathering_complete())
        await channel.opened()
        await channel.receive()
        yield watch.read()
