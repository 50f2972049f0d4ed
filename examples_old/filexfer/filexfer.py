"""Send a file over a data channel, with flow control.

python filexfer.py send holiday.jpg --signaling tcp-socket
python filexfer.py receive copy.jpg --signaling tcp-socket
"""

import argparse
import asyncio
import hashlib
import json
import logging
import os
import sys
import time

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.signaling import BYE, add_signaling_arguments, create_signaling

CHUNK_SIZE = 16384
LOW_WATER = 65536
HIGH_WATER = 262144


async def consume_signaling(pc, signaling):
    while True:
        obj = await signaling.receive()

        if isinstance(obj, RTCSessionDescription):
            await pc.setRemoteDescription(obj)
            if obj.type == "offer":
                await pc.setLocalDescription(await pc.createAnswer())
                await signaling.send(pc.localDescription)
        elif obj is BYE or obj is None:
            break


async def run_send(pc, signaling, filename):
    await signaling.connect()

    size = os.path.getsize(filename)
    digest = hashlib.sha256()
    messages = 0
    sent_all = False
    outcome = asyncio.get_event_loop().create_future()
    fp = open(filename, "rb")

    channel = pc.createDataChannel("filexfer")
    channel.bufferedAmountLowThreshold = LOW_WATER

    def send_chunks():
        nonlocal messages, sent_all

        while not sent_all and channel.bufferedAmount <= HIGH_WATER:
            data = fp.read(CHUNK_SIZE)
            if data:
                digest.update(data)
                messages += 1
                channel.send(data)
            else:
                sent_all = True
                channel.send(json.dumps({"type": "end", "sha256": digest.hexdigest()}))

    @channel.on("open")
    def on_open():
        header = {"type": "file", "name": os.path.basename(filename), "size": size}
        channel.send(json.dumps(header))
        send_chunks()

    @channel.on("bufferedamountlow")
    def on_bufferedamountlow():
        send_chunks()

    @channel.on("message")
    def on_message(message):
        receipt = json.loads(message)
        outcome.set_result(receipt["size"] == size and receipt["sha256"] == digest.hexdigest())

    @pc.on("connectionstatechange")
    async def on_connectionstatechange():
        if pc.connectionState in ("failed", "closed") and not outcome.done():
            outcome.set_result(False)
            await pc.close()

    await pc.setLocalDescription(await pc.createOffer())
    await signaling.send(pc.localDescription)

    signaling_task = asyncio.ensure_future(consume_signaling(pc, signaling))
    correct = await outcome
    signaling_task.cancel()
    fp.close()
    print(
        f"SUMMARY filexfer-send messages={messages} bytes={size} "
        f"digest={digest.hexdigest()[:16]} correct={correct}"
    )
    return correct


async def run_receive(pc, signaling, filename):
    await signaling.connect()

    start = None
    header = None
    messages = 0
    size = 0
    correct = False
    digest = hashlib.sha256()
    finished = asyncio.Event()
    fp = open(filename, "wb")

    @pc.on("datachannel")
    def on_datachannel(channel):
        @channel.on("message")
        def on_message(message):
            nonlocal start, header, messages, size, correct

            if isinstance(message, bytes):
                messages += 1
                size += len(message)
                digest.update(message)
                fp.write(message)
                return

            message = json.loads(message)
            if message["type"] == "file":
                start = time.time()
                header = message
            elif message["type"] == "end":
                elapsed = time.time() - start
                correct = size == header["size"] and message["sha256"] == digest.hexdigest()
                print(
                    "received %s: %d bytes in %.2f s, %.1f Mbit/s"
                    % (header["name"], size, elapsed, size * 8 / elapsed / 1e6),
                    file=sys.stderr,
                )
                channel.send(json.dumps({"size": size, "sha256": digest.hexdigest()}))

        @channel.on("close")
        def on_close():
            finished.set()

    signaling_task = asyncio.ensure_future(consume_signaling(pc, signaling))
    await finished.wait()
    signaling_task.cancel()
    fp.close()
    print(
        f"SUMMARY filexfer-receive messages={messages} bytes={size} "
        f"digest={digest.hexdigest()[:16]} correct={correct}"
    )
    return correct


async def main(args):
    signaling = create_signaling(args)
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    run = run_send if args.role == "send" else run_receive
    try:
        return await run(pc, signaling, args.filename)
    finally:
        await signaling.close()
        await pc.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Data channel file transfer")
    parser.add_argument("role", choices=["send", "receive"])
    parser.add_argument("filename")
    parser.add_argument("--verbose", "-v", action="count")
    add_signaling_arguments(parser)
    args = parser.parse_args()

    if args.verbose:
        logging.basicConfig(level=logging.DEBUG)

    sys.exit(0 if asyncio.run(main(args)) else 1)
