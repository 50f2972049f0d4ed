"""Libraries with aiortc's API: aiortc itself, and purertc_compat."""

import asyncio
import importlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from benchmarks.actors.end import HIGH_WATER, LOW_WATER, IceServer, Take
from benchmarks.actors.loops import Loop
from benchmarks.actors.stopwatch import Stopwatch, Times

__all__ = ["LegacyEnd", "LegacyLibrary"]

SENDS_A_TURN = 256
"""So many messages leave before others get their turn of the event loop."""


class LegacyEnd:
    """One end. Subclasses say what other libraries of events and callbacks do differently."""

    def __init__(self, rtc: Any, take: Take) -> None:
        self._rtc = rtc
        self._take = take
        self._pc = self.connection(rtc, [])
        self._channels: dict[str, Any] = {}
        self._pc.on("datachannel", self._on_channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pc.close()

    @staticmethod
    def connection(rtc: Any, servers: Sequence[IceServer]) -> Any:
        """Return a new connection."""
        return rtc.RTCPeerConnection(
            rtc.RTCConfiguration(
                iceServers=[
                    rtc.RTCIceServer(
                        urls=each.url, username=each.username, credential=each.credential
                    )
                    for each in servers
                ]
            )
        )

    def announced(self, event: Any) -> Any:
        """Return the channel that a ``datachannel`` event brought."""
        return event

    def message_of(self, event: Any) -> Any:
        """Return the message that a ``message`` event brought."""
        return event

    async def gathered(self) -> str:
        """Return the local description with its candidates."""
        sdp: str = self._pc.localDescription.sdp
        return sdp

    async def apply(self, kind: str, sdp: str) -> None:
        """Apply a description of the other side."""
        description = self._rtc.RTCSessionDescription(type=kind, sdp=sdp)
        await self._pc.setRemoteDescription(description)

    def _on_channel(self, event: Any) -> None:
        channel = self.announced(event)
        label, take, message_of = channel.label, self._take, self.message_of

        def on_message(event: Any) -> None:
            reply = take(label, message_of(event))
            if reply is not None:
                channel.send(reply)

        channel.on("message", on_message)

    async def offer(self, labels: Sequence[str]) -> str:
        self._channels = {label: self._pc.createDataChannel(label) for label in labels}
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return await self.gathered()

    async def accept(self, sdp: str) -> None:
        opened = [asyncio.Event() for _ in self._channels]
        for channel, event in zip(self._channels.values(), opened, strict=True):
            channel.on("open", lambda *_, event=event: event.set())
        await self.apply("answer", sdp)
        for event in opened:
            await event.wait()

    async def answer(self, sdp: str) -> str:
        await self.apply("offer", sdp)
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        return await self.gathered()

    async def flood(self, label: str, payload: bytes) -> None:
        channel = self._channels[label]
        channel.bufferedAmountLowThreshold = LOW_WATER
        low = asyncio.Event()
        channel.on("bufferedamountlow", lambda *_: low.set())
        while True:
            low.clear()
            count = 0
            while channel.bufferedAmount <= HIGH_WATER:
                channel.send(payload)
                count += 1
                if count % SENDS_A_TURN == 0:
                    await asyncio.sleep(0)
            await low.wait()

    async def ping(self, label: str, payload: bytes, seconds: float) -> list[float]:
        channel = self._channels[label]
        back = asyncio.Event()
        channel.on("message", lambda _: back.set())
        times: list[float] = []
        begin = now = time.perf_counter()
        while now - begin < seconds:
            back.clear()
            channel.send(payload)
            await back.wait()
            before, now = now, time.perf_counter()
            times.append(now - before)
        return times


class LegacyLibrary:
    """What the processes need of such a library."""

    def __init__(self, name: str) -> None:
        if name == "aiortc":
            importlib.import_module("demo.aiortc_on_loopback").use_loopback_when_alone()
        self._rtc = importlib.import_module(name)

    def make_end(self, _loop: Loop, take: Take, *, plain: bool, path_mtu: int | None) -> LegacyEnd:
        if plain or path_mtu is not None:
            raise ValueError("there is no offload to turn off, and no packet size to set")
        return LegacyEnd(self._rtc, take)

    @asynccontextmanager
    async def open_pair(self, loop: Loop, servers: Sequence[IceServer]) -> AsyncIterator[Times]:
        """Open two connections; this API has no trickling."""
        offering, answering = (LegacyEnd.connection(self._rtc, servers) for _ in range(2))
        opened, announced = loop.new_event(), loop.new_event()
        channel = offering.createDataChannel("pair")
        channel.on("open", opened.set)
        answering.on("datachannel", lambda _: announced.set())
        try:
            watch = Stopwatch()
            await offering.setLocalDescription(await offering.createOffer())
            await answering.setRemoteDescription(offering.localDescription)
            await answering.setLocalDescription(await answering.createAnswer())
            await offering.setRemoteDescription(answering.localDescription)
            await opened.wait()
            await announced.wait()
            yield watch.read()
        finally:
            await offering.close()
            await answering.close()
