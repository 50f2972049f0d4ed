"""One end of the throughput measurement in purertc's own API."""

import asyncio
import time

from benchmarks.endpoint import END, Count, Plan, hear, read_plan, run, say
from purertc import DataChannel, PeerConnection, PeerConnectionHandler, SessionDescription


async def say_description(pc: PeerConnection) -> None:
    """Gather, and send the local description with its candidates."""
    await pc.set_local_description()
    say({**(await pc.gathering_complete()).to_json()})


async def send(plan: Plan) -> Count:
    """Offer, and send for as long as the plan says; ``send`` waits for room."""
    count = Count()
    payload = bytes(plan.message_size)
    async with PeerConnection() as pc:
        channel = pc.create_data_channel("bulk")
        await say_description(pc)
        await pc.set_remote_description(SessionDescription.from_json(await hear()))
        await channel.opened()
        deadline = time.perf_counter() + plan.seconds
        while time.perf_counter() < deadline:
            await channel.send(payload)
            count.add(len(payload))
        await channel.send(END)
        await channel.receive()
    return count


class Receiver(PeerConnectionHandler):
    """Counts until the other side says it is done, and waits for it to leave."""

    def __init__(self) -> None:
        self.count = Count()
        self.finished = asyncio.Event()

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            if message == END:
                await channel.send(END)
            else:
                self.count.add(len(message))
        self.finished.set()


async def receive(_plan: Plan) -> Count:
    """Answer, and count."""
    receiver = Receiver()
    async with PeerConnection(receiver) as pc:
        await pc.set_remote_description(SessionDescription.from_json(await hear()))
        await say_description(pc)
        await receiver.finished.wait()
    return receiver.count


if __name__ == "__main__":
    the_plan = read_plan()
    run({"sender": send, "receiver": receive}[the_plan.role](the_plan))
