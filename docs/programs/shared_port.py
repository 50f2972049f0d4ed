"""Twenty clients talk to one UDP port."""

import asyncio

from purertc import DataChannel, PeerConnection, PeerConnectionHandler, UdpMux


class Echo(PeerConnectionHandler):
    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(message)


async def client(mux: UdpMux, message: str) -> str | bytes:
    async with PeerConnection() as pc, PeerConnection(Echo(), udp_mux=mux) as server:
        channel = pc.create_data_channel("echo")
        for one, other in ((pc, server), (server, pc)):
            await one.set_local_description()
            await other.set_remote_description(await one.gathering_complete())
        await channel.opened()
        await channel.send(message)
        return await channel.receive()


async def main() -> None:
    async with UdpMux() as mux:
        answers = await asyncio.gather(*(client(mux, f"number {n}") for n in range(20)))
    print(len(answers), "answers, the last one:", answers[-1])


if __name__ == "__main__":
    asyncio.run(main())
