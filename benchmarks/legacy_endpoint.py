"""One end of the throughput measurement in aiortc's API: on aiortc, or on purertc_compat."""

import asyncio
import importlib
import time
from typing import Any

from benchmarks.endpoint import END, Count, Plan, hear, read_plan, run, say
from demo.aiortc_on_loopback import use_loopback_when_alone

LOW_WATER = 256 * 1024
HIGH_WATER = 1024 * 1024


async def send(rtc: Any, plan: Plan) -> Count:
    """Offer, and send for as long as the plan says, with flow control by bufferedamountlow."""
    pc = rtc.RTCPeerConnection(rtc.RTCConfiguration(iceServers=[]))
    channel = pc.createDataChannel("bulk")
    channel.bufferedAmountLowThreshold = LOW_WATER
    finished = asyncio.get_running_loop().create_future()
    payload = bytes(plan.message_size)
    count = Count()
    deadline = float("inf")

    def pump() -> None:
        nonlocal deadline
        while deadline and channel.bufferedAmount <= HIGH_WATER:
            if time.perf_counter() >= deadline:
                deadline = 0.0
                channel.send(END)
            else:
                channel.send(payload)
                count.add(len(payload))

    @channel.on("open")  # type: ignore[untyped-decorator]
    def on_open() -> None:
        nonlocal deadline
        deadline = time.perf_counter() + plan.seconds
        pump()

    channel.on("bufferedamountlow", pump)
    channel.on("message", lambda _message: finished.set_result(None))

    await pc.setLocalDescription(await pc.createOffer())
    say({"type": "offer", "sdp": pc.localDescription.sdp})
    await pc.setRemoteDescription(rtc.RTCSessionDescription(**await hear()))
    await finished
    await pc.close()
    return count


async def receive(rtc: Any, _plan: Plan) -> Count:
    """Answer, and count until the other side says it is done."""
    pc = rtc.RTCPeerConnection(rtc.RTCConfiguration(iceServers=[]))
    closed = asyncio.Event()
    count = Count()

    @pc.on("datachannel")  # type: ignore[untyped-decorator]
    def on_datachannel(channel: Any) -> None:
        channel.on("close", closed.set)

        @channel.on("message")  # type: ignore[untyped-decorator]
        def on_message(message: str | bytes) -> None:
            if message == END:
                channel.send(END)
            else:
                count.add(len(message))

    await pc.setRemoteDescription(rtc.RTCSessionDescription(**await hear()))
    await pc.setLocalDescription(await pc.createAnswer())
    say({"type": "answer", "sdp": pc.localDescription.sdp})
    await closed.wait()
    await pc.close()
    return count


if __name__ == "__main__":
    the_plan = read_plan()
    if the_plan.module == "aiortc":
        use_loopback_when_alone()
    implementation = importlib.import_module(the_plan.module)
    run({"sender": send, "receiver": receive}[the_plan.role](implementation, the_plan))
