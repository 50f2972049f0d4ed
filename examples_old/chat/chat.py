"""Chat with one other person over a data channel.

    python chat.py offer --signaling tcp-socket
    python chat.py answer --signaling tcp-socket

Type a line to say it; an empty line, or the end of the input, says goodbye.
With --lines the lines are read from a file, and the program ends by itself.
"""

import argparse
import asyncio
import hashlib
import logging
import sys

from aiortc import (
    RTCConfiguration,
    RTCIceCandidate,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.contrib.signaling import BYE, add_signaling_arguments, create_signaling

GOODBYE = "/goodbye"


class Chat:
    def __init__(self, role, lines):
        self.role = role
        self.lines = lines
        self.channel = None
        self.talk_over = False
        self.peer_over = False
        self.over = asyncio.Event()
        self.sent = 0
        self.received = 0
        self.size = 0
        self.digest = hashlib.sha256()

    def use(self, channel):
        self.channel = channel

        @channel.on("message")
        def on_message(message):
            if message == GOODBYE:
                self.peer_over = True
                self.hang_up()
                return
            self.received += 1
            self.size += len(message.encode())
            self.digest.update(message.encode() + b"\n")
            print("<", message)

        @channel.on("close")
        def on_close():
            self.over.set()

    async def talk(self):
        async for line in read_lines(self.lines):
            if self.channel.readyState != "open":
                return
            self.channel.send(line)
            self.sent += 1
        self.talk_over = True
        self.channel.send(GOODBYE)
        self.hang_up()

    def hang_up(self):
        # One side only closes the channel, once both have said all they had to say.
        if self.role == "offer" and self.talk_over and self.peer_over:
            self.channel.close()

    def summary(self):
        return (
            f"SUMMARY chat-{self.role} messages={self.sent + self.received} "
            f"bytes={self.size} digest={self.digest.hexdigest()[:16]}"
        )


async def read_lines(path):
    if path:
        with open(path, encoding="utf8") as lines:
            for line in lines:
                yield line.rstrip("\n")
        return

    loop = asyncio.get_event_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while True:
        line = (await reader.readline()).decode().rstrip("\n")
        if not line:
            break
        yield line


async def consume_signaling(pc, signaling):
    while True:
        obj = await signaling.receive()

        if isinstance(obj, RTCSessionDescription):
            await pc.setRemoteDescription(obj)
            if obj.type == "offer":
                await pc.setLocalDescription(await pc.createAnswer())
                await signaling.send(pc.localDescription)
        elif isinstance(obj, RTCIceCandidate):
            await pc.addIceCandidate(obj)
        elif obj is BYE or obj is None:
            break


async def run_offer(pc, signaling, chat):
    await signaling.connect()
    channel = pc.createDataChannel("chat")
    chat.use(channel)

    @channel.on("open")
    def on_open():
        asyncio.ensure_future(chat.talk())

    await pc.setLocalDescription(await pc.createOffer())
    await signaling.send(pc.localDescription)
    await consume_signaling(pc, signaling)


async def run_answer(pc, signaling, chat):
    await signaling.connect()

    @pc.on("datachannel")
    def on_datachannel(channel):
        chat.use(channel)
        asyncio.ensure_future(chat.talk())

    await consume_signaling(pc, signaling)


async def run(pc, signaling, chat):
    @pc.on("connectionstatechange")
    async def on_connectionstatechange():
        print("-- connection is", pc.connectionState, file=sys.stderr)
        if pc.connectionState == "failed":
            await pc.close()
            chat.over.set()

    role = run_offer if chat.role == "offer" else run_answer
    signaling_task = asyncio.ensure_future(role(pc, signaling, chat))
    await chat.over.wait()
    signaling_task.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Chat over a data channel")
    parser.add_argument("role", choices=["offer", "answer"])
    parser.add_argument("--lines", help="say the lines of this file, then goodbye")
    parser.add_argument("--stun", help="a STUN server, such as stun:stun.example.org")
    parser.add_argument("--verbose", "-v", action="count")
    add_signaling_arguments(parser)
    args = parser.parse_args()

    if args.verbose:
        logging.basicConfig(level=logging.DEBUG)

    servers = [RTCIceServer(urls=args.stun)] if args.stun else []
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    signaling = create_signaling(args)
    pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
    chat = Chat(args.role, args.lines)
    try:
        loop.run_until_complete(run(pc, signaling, chat))
    except KeyboardInterrupt:
        pass
    finally:
        loop.run_until_complete(signaling.close())
        loop.run_until_complete(pc.close())
        loop.close()
    print(chat.summary())
