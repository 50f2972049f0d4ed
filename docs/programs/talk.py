import argparse
import asyncio

from purertc import DataChannel, PeerConnection, PeerConnectionHandler
from purertc.signaling import add_signaling_arguments, create_signaling, exchange_descriptions


class Listener(PeerConnectionHandler):
    def __init__(self) -> None:
        self.finished = asyncio.Event()

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            print(message)
        self.finished.set()


async def main(args: argparse.Namespace) -> None:
    listener = Listener()
    async with create_signaling(args) as line, PeerConnection(listener) as pc:
        if args.role == "answer":
            await exchange_descriptions(pc, line, offer=False)
            await listener.finished.wait()
        else:
            channel = pc.create_data_channel("talk")
            await exchange_descriptions(pc, line, offer=True)
            await channel.opened()
            await channel.send("hello from the other program")
            await channel.close()


parser = argparse.ArgumentParser()
parser.add_argument("role", choices=["offer", "answer"])
add_signaling_arguments(parser)
asyncio.run(main(parser.parse_args()))
