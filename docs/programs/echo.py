import asyncio

from purertc import DataChannel, PeerConnection, PeerConnectionHandler


class Echo(PeerConnectionHandler):
    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(f"echo: {message}")


async def main() -> None:
    async with PeerConnection(Echo()) as server, PeerConnection() as client:
        channel = client.create_data_channel("chat")
        await client.set_local_description()
        await server.set_remote_description(await client.gathering_complete())
        await server.set_local_description()
        await client.set_remote_description(await server.gathering_complete())
        await channel.opened()
        await channel.send("hello")
        print(await channel.receive())


asyncio.run(main())
