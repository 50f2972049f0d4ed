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
from collections.abc import Iterable

from purertc import DataChannel, PeerConnection, PeerConnectionHandler
from purertc.signaling import add_signaling_arguments, create_signaling, exchange_descriptions


def make_reading(number: int) -> str:
    reading = {
        "number": number,
        "temperature": round(20 + 5 * math.sin(number / 10), 3),
        "pressure": round(1013 + 8 * math.cos(number / 25), 3),
        "unit": "\u00b0C / hPa",
    }
    return json.dumps(reading, ensure_ascii=False)


def print_summary(role: str, readings: Iterable[str]) -> None:
    texts = [reading.encode() for reading in readings]
    digest = hashlib.sha256(b"".join(texts)).hexdigest()[:16]
    size = sum(map(len, texts))
    print(f"SUMMARY sensors-{role} messages={len(texts)} bytes={size} digest={digest}")


async def publish(control: DataChannel, feed: DataChannel) -> None:
    start = json.loads(await control.receive())
    published = []
    for number in range(start["count"]):
        published.append(make_reading(number))
        await feed.send(published[-1])
        await asyncio.sleep(start["interval"])
    await control.send(json.dumps({"type": "end", "count": len(published)}))
    await control.receive()
    await control.close()
    print_summary("publish", published)


class Subscriber(PeerConnectionHandler):
    def __init__(self, count: int, interval: float) -> None:
        self.start = {"type": "start", "count": count, "interval": interval}
        self.readings: dict[int, str] = {}
        self.all_received = asyncio.Event()
        self.finished = asyncio.Event()

    async def on_data_channel(self, channel: DataChannel) -> None:
        await (self.control(channel) if channel.label == "control" else self.collect(channel))

    async def collect(self, feed: DataChannel) -> None:
        async for reading in feed:
            self.readings[json.loads(reading)["number"]] = str(reading)
            if len(self.readings) == self.start["count"]:
                self.all_received.set()

    async def control(self, channel: DataChannel) -> None:
        await channel.send(json.dumps(self.start))
        await channel.receive()
        # The channels are not ordered among each other: the last readings may still be on the way.
        await asyncio.wait([asyncio.ensure_future(self.all_received.wait())], timeout=1)
        await channel.send(json.dumps({"type": "enough", "received": len(self.readings)}))
        async for _ in channel:
            pass
        self.finished.set()


async def main(args: argparse.Namespace) -> None:
    async with create_signaling(args) as line, PeerConnection() as pc:
        if args.role == "publish":
            feed = pc.create_data_channel("readings", ordered=False, max_retransmits=0)
            control = pc.create_data_channel("control")
            await exchange_descriptions(pc, line, offer=True)
            await publish(control, feed)
        else:
            subscriber = Subscriber(args.count, args.interval)
            pc.attach(subscriber)
            await exchange_descriptions(pc, line, offer=False)
            await subscriber.finished.wait()
            readings = subscriber.readings
            print_summary("subscribe", [readings[number] for number in sorted(readings)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Sensor feed over an unreliable channel")
    parser.add_argument("role", choices=["publish", "subscribe"])
    parser.add_argument("--count", type=int, default=200, help="readings to ask for")
    parser.add_argument("--interval", type=float, default=0.005, help="seconds between two")
    add_signaling_arguments(parser)
    asyncio.run(main(parser.parse_args()))
