"""What connections leave behind: opened, used and closed with the cyclic collector disabled.

    python -m demo.leaks purertc --connections 30

Prints one JSON object: ``kib`` of traced memory each connection leaves, ``objects`` of the library
that are alive for each connection, ``tasks`` that still exist.
"""

import argparse
import asyncio
import gc
import json
import tracemalloc
from collections.abc import Awaitable, Callable

from aiortc import RTCConfiguration, RTCPeerConnection

from demo.aiortc_on_loopback import use_loopback_when_alone
from purertc import DataChannel, PeerConnection, PeerConnectionHandler

WARM_UP = 5
PACKAGES = {"purertc": ("purertc",), "aiortc": ("aiortc", "aioice")}


class Echo(PeerConnectionHandler):
    """Sends back what it receives."""

    async def on_data_channel(self, channel: DataChannel) -> None:
        """Run for as long as the channel is open."""
        async for message in channel:
            await channel.send(message)


async def hand_over(source: PeerConnection, target: PeerConnection) -> None:
    """Give the complete local description of one connection to the other."""
    await source.set_local_description()
    await target.set_remote_description(await source.gathering_complete())


async def use_purertc() -> None:
    """Open, use and close both ends of a connection."""
    async with PeerConnection(Echo()) as answering, PeerConnection() as offering:
        channel = offering.create_data_channel("leaks")
        await hand_over(offering, answering)
        await hand_over(answering, offering)
        await channel.opened()
        await channel.send("hello")
        if await channel.receive() != "hello":
            raise RuntimeError("the echo is not what was sent")


async def use_aiortc() -> None:
    """The same with aiortc."""
    offering = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    answering = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    echoed = asyncio.get_running_loop().create_future()
    channel = offering.createDataChannel("leaks")
    channel.on("open", lambda: channel.send("hello"))
    channel.on("message", echoed.set_result)
    answering.on("datachannel", lambda remote: remote.on("message", remote.send))

    await offering.setLocalDescription(await offering.createOffer())
    await answering.setRemoteDescription(offering.localDescription)
    await answering.setLocalDescription(await answering.createAnswer())
    await offering.setRemoteDescription(answering.localDescription)
    if await echoed != "hello":
        raise RuntimeError("the echo is not what was sent")
    await offering.close()
    await answering.close()


def living_objects(packages: tuple[str, ...]) -> int:
    """Instances of classes of these packages."""
    modules = (str(type(thing).__module__) for thing in gc.get_objects())
    return sum(module.split(".")[0] in packages for module in modules)


async def settle() -> None:
    """Let callbacks that were due at the end of the last connection run, and empty free lists.

    A full collection empties the interpreter's lists of spare tuples, which would count as growth.
    DEBUG_SAVEALL makes it keep every cycle it finds, so that cycles still count.
    """
    for _ in range(5):
        await asyncio.sleep(0.01)
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()


async def measure(use: Callable[[], Awaitable[None]], packages: tuple[str, ...], n: int) -> None:
    """Use ``n`` connections after a few to warm up, and print what they left."""
    for _ in range(WARM_UP):
        await use()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    await settle()
    memory, objects = tracemalloc.get_traced_memory()[0], living_objects(packages)
    for _ in range(n):
        await use()
    await settle()
    grown = tracemalloc.get_traced_memory()[0] - memory
    more = living_objects(packages) - objects
    tasks = len(asyncio.all_tasks()) - 1
    print(json.dumps({"kib": grown / 1024 / n, "objects": more / n, "tasks": tasks}))


def main() -> None:
    """Measure the library that is asked for."""
    parser = argparse.ArgumentParser(description="What connections leave behind")
    parser.add_argument("library", choices=sorted(PACKAGES))
    parser.add_argument("--connections", type=int, default=30)
    options = parser.parse_args()
    use_loopback_when_alone()
    use = use_purertc if options.library == "purertc" else use_aiortc
    asyncio.run(measure(use, PACKAGES[options.library], options.connections))


if __name__ == "__main__":
    main()
