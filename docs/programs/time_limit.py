import asyncio

from purertc import DataChannel, PeerConnection, PeerConnectionHandler


class Slow(PeerConnectionHandler):
    async def on_data_channel(self, channel: DataChannel) -> None:
        await asyncio.sleep(0.2)
        await channel.send("late")


async def main() -> None:
    async with PeerConnection() as left, PeerConnection(Slow()) as right:
        channel = left.create_data_channel("chat")
        for one, other in ((left, right), (right, left)):
            await one.set_local_description()
            await other.set_remote_description(await one.gathering_complete())
        async with asyncio.timeout(10):
            await channel.opened()
        try:
            async with asyncio.timeout(0.01):
                await channel.receive()
        except TimeoutError:
            print("nothing yet")
        print(await channel.receive())


asyncio.run(main())
