"""A feed of sensor readings, where a late reading is worth nothing.

    python sensors.py publish --signaling tcp-socket
    python sensors.py subscribe --signaling tcp-socket --count 200

Readings go over an unordered channel that never retransmits; the subscriber starts and ends the
feed over a reliable one.
"""

import argparse
import asyncio
import hashlib
import json
import math
import sys

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.signaling import BYE, add_signaling_arguments, create_signaling


def make_reading(number):
    return {
        "number": number,
        "temperature": round(20 + 5 * math.sin(number / 10), 3),
        "pressure": round(1013 + 8 * math.cos(number / 25), 3),
        "unit": "\u00b0C / hPa",
    }


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


class Publisher:
    def __init__(self, pc):
        self.pc = pc
        self.sent = 0
        self.size = 0
        self.digest = hashlib.sha256()
        self.finished = asyncio.Event()
        self.readings = pc.createDataChannel("readings", ordered=False, maxRetransmits=0)
        self.control = pc.createDataChannel("control")
        self.control.on("message", self.on_command)

    def on_command(self, message):
        command = json.loads(message)
        if command["type"] == "start":
            asyncio.ensure_future(self.publish(command["count"], command["interval"]))
        elif command["type"] == "enough":
            self.control.close()
            self.finished.set()

    async def publish(self, count, interval):
        for number in range(count):
            if self.readings.readyState != "open":
                return
            text = json.dumps(make_reading(number), ensure_ascii=False)
            self.readings.send(text)
            self.sent += 1
            self.size += len(text.encode())
            self.digest.update(text.encode())
            await asyncio.sleep(interval)
        self.control.send(json.dumps({"type": "end", "count": count}))

    async def run(self, signaling):
        await self.pc.setLocalDescription(await self.pc.createOffer())
        await signaling.send(self.pc.localDescription)
        await consume_signaling(self.pc, signaling)

    def summary(self):
        return (
            f"SUMMARY sensors-publish messages={self.sent} bytes={self.size} "
            f"digest={self.digest.hexdigest()[:16]}"
        )


class Subscriber:
    def __init__(self, pc, count, interval):
        self.pc = pc
        self.readings = {}
        self.finished = asyncio.Event()

        @pc.on("datachannel")
        def on_datachannel(channel):
            if channel.label == "readings":

                @channel.on("message")
                def on_reading(message):
                    self.readings[json.loads(message)["number"]] = message

            elif channel.label == "control":

                @channel.on("message")
                def on_notice(message):
                    if json.loads(message)["type"] == "end":
                        asyncio.ensure_future(self.settle(channel, count))

                @channel.on("close")
                def on_close():
                    self.finished.set()

                start = {"type": "start", "count": count, "interval": interval}
                channel.send(json.dumps(start))

    async def settle(self, channel, count):
        # The channels are not ordered among each other: the last readings may still be on the way.
        for _ in range(20):
            if len(self.readings) == count:
                break
            await asyncio.sleep(0.05)
        channel.send(json.dumps({"type": "enough", "received": len(self.readings)}))

    async def run(self, signaling):
        await consume_signaling(self.pc, signaling)

    def summary(self):
        readings = [self.readings[number].encode() for number in sorted(self.readings)]
        digest = hashlib.sha256(b"".join(readings))
        return (
            f"SUMMARY sensors-subscribe messages={len(readings)} "
            f"bytes={sum(map(len, readings))} digest={digest.hexdigest()[:16]}"
        )


async def main(args):
    signaling = create_signaling(args)
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    lost = asyncio.Event()

    @pc.on("iceconnectionstatechange")
    async def on_iceconnectionstatechange():
        print("ICE is", pc.iceConnectionState, file=sys.stderr)
        if pc.iceConnectionState == "failed":
            await pc.close()
            lost.set()

    if args.role == "publish":
        station = Publisher(pc)
    else:
        station = Subscriber(pc, args.count, args.interval)

    await signaling.connect()
    signaling_task = asyncio.ensure_future(station.run(signaling))
    waits = [asyncio.ensure_future(station.finished.wait()), asyncio.ensure_future(lost.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in [signaling_task, *waits]:
        task.cancel()

    await signaling.close()
    await pc.close()
    print(station.summary())
    return 1 if lost.is_set() else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Sensor feed over an unreliable channel")
    parser.add_argument("role", choices=["publish", "subscribe"])
    parser.add_argument("--count", type=int, default=200, help="readings to ask for")
    parser.add_argument("--interval", type=float, default=0.005, help="seconds between two")
    add_signaling_arguments(parser)
    args = parser.parse_args()

    sys.exit(asyncio.run(main(args)))
