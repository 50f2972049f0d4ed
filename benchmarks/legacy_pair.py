"""Two connections in one process in aiortc's API: of aiortc, or of purertc_compat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.stopwatch import Stopwatch, Times


@asynccontextmanager
async def open_pair(rtc: Any) -> AsyncIterator[Times]:
    """Yield what the set-up took, and keep the connections open until the block ends.

    It is over when the offering side has got a message that the other sent on its open channel.
    """
    offering, answering = (
        rtc.RTCPeerConnection(rtc.RTCConfiguration(iceServers=[])) for _ in range(2)
    )
    greeted = asyncio.Event()
    channel = offering.createDataChannel("pair")
    channel.on("message", lambda _: greeted.set())
    answering.on("datachannel", lambda announced: announced.send("hello"))
    try:
        watch = Stopwatch()
        await offering.setLocalDescription(await offering.createOffer())
        await answering.setRemoteDescription(offering.localDescription)
        await answering.setLocalDescription(await answering.createAnswer())
        await offering.setRemoteDescription(answering.localDescription)
        await greeted.wait()
        yield watch.read()
    finally:
        await offering.close()
        await answering.close()
