import trio

from purertc import DataChannel, PeerConnection, PeerConnectionHandler


class Echo(PeerConnectionHandler):
    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(f"echo: {message}")


async def main() -> None:
    async with PeerConnection() as left, PeerConnection(Echo()) as right:
        channel = left.create_data_channel("echo")
        for one, other in ((left, right), (right, left)):
            await one.set_local_description()
            await one.gathering_complete()
            await other.set_remote_description(one.local_description)
        with trio.fail_after(10):
            await channel.opened()
            await channel.send("hello")
            print(await channel.receive())


trio.run(main)
