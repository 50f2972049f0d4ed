import asyncio

from purertc import DataChannel, PeerConnection, PeerConnectionHandler
from purertc.signaling import AutomaticIceRestart, NegotiationMessage, PerfectNegotiator

Queue = asyncio.Queue[NegotiationMessage]
Results = asyncio.Queue[tuple[str, str | bytes]]


class Printer(PeerConnectionHandler):
    def __init__(self, name: str, results: Results) -> None:
        self.name = name
        self.results = results

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await self.results.put((self.name, message))


async def deliver(queue: Queue, negotiator: PerfectNegotiator) -> None:
    while True:
        await negotiator.receive(await queue.get())


async def main() -> None:
    to_left, to_right, results = Queue(), Queue(), Results()
    async with (
        PeerConnection(Printer("left", results)) as left,
        PeerConnection(Printer("right", results)) as right,
    ):
        polite = PerfectNegotiator(left, to_right.put, polite=True)
        impolite = PerfectNegotiator(right, to_left.put, polite=False)
        AutomaticIceRestart(left)
        lines = [
            asyncio.create_task(deliver(to_left, polite)),
            asyncio.create_task(deliver(to_right, impolite)),
        ]
        channels = left.create_data_channel("a"), right.create_data_channel("b")
        for channel, text in zip(channels, ("one", "two"), strict=True):
            await channel.opened()
            await channel.send(text)
        for name, message in sorted([await results.get(), await results.get()]):
            print(name, "received", message)
        for line in lines:
            line.cancel()


asyncio.run(main())
