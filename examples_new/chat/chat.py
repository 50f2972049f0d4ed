"""Chat with one other person over a data channel.

python chat.py offer --signaling tcp-socket
python chat.py answer --signaling tcp-socket --lines what_to_say.txt
"""

import argparse
import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from purertc import Configuration, DataChannel, IceServer, PeerConnection, PeerConnectionHandler
from purertc.signaling import add_signaling_arguments, create_signaling, exchange_descriptions

GOODBYE = "/goodbye"


class Chat(PeerConnectionHandler):
    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.over = asyncio.Event()
        self.messages = self.size = 0
        self.digest = hashlib.sha256()

    async def on_data_channel(self, channel: DataChannel) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self.talk(channel))
            both.create_task(self.listen(channel))
        await channel.close()
        self.over.set()

    async def talk(self, channel: DataChannel) -> None:
        async for line in read_lines(self.path):
            await channel.send(line)
            self.messages += 1
        await channel.send(GOODBYE)

    async def listen(self, channel: DataChannel) -> None:
        async for message in channel:
            if message == GOODBYE or isinstance(message, bytes):
                break
            self.messages += 1
            self.size += len(message.encode())
            self.digest.update(message.encode() + b"\n")
            print("<", message)


async def read_lines(path: Path | None) -> AsyncIterator[str]:
    if path:
        for line in path.read_text(encoding="utf8").splitlines():
            yield line
        return
    while line := (await asyncio.to_thread(sys.stdin.readline)).rstrip("\n"):
        yield line


async def main(args: argparse.Namespace) -> None:
    configuration = Configuration(ice_servers=[IceServer(args.stun)] if args.stun else [])
    chat = Chat(args.lines)
    async with create_signaling(args) as line, PeerConnection(configuration=configuration) as pc:
        if args.role == "answer":
            pc.attach(chat)
            await exchange_descriptions(pc, line, offer=False)
            await chat.over.wait()
        else:
            channel = pc.create_data_channel("chat")
            await exchange_descriptions(pc, line, offer=True)
            await channel.opened()
            await chat.on_data_channel(channel)
    digest = chat.digest.hexdigest()[:16]
    print(f"SUMMARY chat-{args.role} messages={chat.messages} bytes={chat.size} digest={digest}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Chat over a data channel")
    parser.add_argument("role", choices=["offer", "answer"])
    parser.add_argument("--lines", type=Path, help="say the lines of this file, then goodbye")
    parser.add_argument("--stun", help="a STUN server, such as stun:stun.example.org")
    add_signaling_arguments(parser)
    asyncio.run(main(parser.parse_args()))
