"""Send a file over a data channel; ``send`` waits when the network is slower than the disk.

python filexfer.py send holiday.jpg --signaling tcp-socket
python filexfer.py receive copy.jpg --signaling tcp-socket
"""

import argparse
import asyncio
import hashlib
import json
import sys
from pathlib import Path

from purertc import DataChannel, PeerConnection, PeerConnectionHandler
from purertc.signaling import add_signaling_arguments, create_signaling, exchange_descriptions

CHUNK_SIZE = 16384


def summary(role: str, messages: int, size: int, digest: str, *, correct: bool) -> bool:
    print(
        f"SUMMARY filexfer-{role} messages={messages} bytes={size} "
        f"digest={digest[:16]} correct={correct}"
    )
    return correct


async def send_file(channel: DataChannel, path: Path) -> bool:
    size, messages, digest = path.stat().st_size, 0, hashlib.sha256()
    await channel.send(json.dumps({"type": "file", "name": path.name, "size": size}))
    with path.open("rb") as file:
        while data := file.read(CHUNK_SIZE):
            digest.update(data)
            messages += 1
            await channel.send(data)
    await channel.send(json.dumps({"type": "end", "sha256": digest.hexdigest()}))
    receipt = json.loads(await channel.receive())
    await channel.close()
    correct = receipt == {"size": size, "sha256": digest.hexdigest()}
    return summary("send", messages, size, digest.hexdigest(), correct=correct)


class FileReceiver(PeerConnectionHandler):
    def __init__(self, path: Path) -> None:
        self.path = path
        self.correct = asyncio.get_running_loop().create_future()

    async def on_data_channel(self, channel: DataChannel) -> None:
        size, messages, digest, correct = 0, 0, hashlib.sha256(), False
        with self.path.open("wb") as file:
            header = json.loads(await channel.receive())
            async for message in channel:
                if isinstance(message, str):
                    expected = [header["size"], json.loads(message)["sha256"]]
                    correct = expected == [size, digest.hexdigest()]
                    receipt = {"size": size, "sha256": digest.hexdigest()}
                    await channel.send(json.dumps(receipt))
                else:
                    size, messages = size + len(message), messages + 1
                    digest.update(message)
                    file.write(message)
        summary("receive", messages, size, digest.hexdigest(), correct=correct)
        self.correct.set_result(correct)


async def main(args: argparse.Namespace) -> bool:
    async with create_signaling(args) as line, PeerConnection() as pc:
        if args.role == "send":
            channel = pc.create_data_channel("filexfer")
            await exchange_descriptions(pc, line, offer=True)
            await channel.opened()
            return await send_file(channel, args.path)
        receiver = FileReceiver(args.path)
        pc.attach(receiver)
        await exchange_descriptions(pc, line, offer=False)
        return bool(await receiver.correct)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Data channel file transfer")
    parser.add_argument("role", choices=["send", "receive"])
    parser.add_argument("path", type=Path)
    add_signaling_arguments(parser)
    sys.exit(0 if asyncio.run(main(parser.parse_args())) else 1)
