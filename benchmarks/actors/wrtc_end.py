"""wrtc: libwebrtc, the engine of Chrome, in its own API (the module is called ``webrtc``)."""

import importlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.actors.end import IceServer, Take
from benchmarks.actors.legacy_end import LegacyEnd
from benchmarks.actors.loops import Event, Loop
from benchmarks.actors.stopwatch import Stopwatch, Times

__all__ = ["WrtcEnd", "WrtcLibrary"]


class WrtcEnd(LegacyEnd):
    """One end: events are objects, candidates come after the description, close is no coroutine."""

    def __init__(self, rtc: Any, take: Take, loop: Loop) -> None:
        super().__init__(rtc, take)
        self._complete = loop.new_event()
        self._pc.on("icegatheringstatechange", self._on_gathering)

    async def __aexit__(self, *_: object) -> None:
        self._pc.close()

    @staticmethod
    def connection(rtc: Any, servers: Sequence[IceServer]) -> Any:
        urls = [rtc.RTCIceServer(each.url, each.username, each.credential) for each in servers]
        return rtc.RTCPeerConnection(rtc.RTCConfiguration(ice_servers=urls))

    def announced(self, event: Any) -> Any:
        return event.channel

    def message_of(self, event: Any) -> Any:
        return event.data

    def _on_gathering(self, _event: Any) -> None:
        if self._pc.iceGatheringState == "complete":
            self._complete.set()

    async def gathered(self) -> str:
        await self._complete.wait()
        return await super().gathered()


class _Candidates:
    """Gives candidates to the other side once that has the description they belong to."""

    def __init__(self, source: Any, sink: Any) -> None:
        self._sink = sink
        self._held: list[Any] = []
        self._open = False
        source.on("icecandidate", self._take)

    async def _take(self, event: Any) -> None:
        if event.candidate is None:
            return
        if self._open:
            await self._sink.addIceCandidate(event.candidate)
        else:
            self._held.append(event.candidate)

    async def release(self) -> None:
        while self._held:
            await self._sink.addIceCandidate(self._held.pop(0))
        self._open = True


class WrtcLibrary:
    """What the processes need of it."""

    def __init__(self) -> None:
        self._rtc = importlib.import_module("webrtc")

    def make_end(self, loop: Loop, take: Take, *, plain: bool, path_mtu: int | None) -> WrtcEnd:
        if plain or path_mtu is not None:
            raise ValueError("there is no offload to turn off, and no packet size to set")
        return WrtcEnd(self._rtc, take, loop)

    @asynccontextmanager
    async def open_pair(self, loop: Loop, servers: Sequence[IceServer]) -> AsyncIterator[Times]:
        """Open two connections, with trickling."""
        offering, answering = (WrtcEnd.connection(self._rtc, servers) for _ in range(2))
        here, there = _Candidates(offering, answering), _Candidates(answering, offering)
        opened = loop.new_event()
        channel = offering.createDataChannel("pair")
        channel.on("open", lambda _: opened.set())
        announced = _opened_there(answering, loop)
        try:
            watch = Stopwatch()
            offer = await offering.createOffer()
            await offering.setLocalDescription(offer)
            await answering.setRemoteDescription(offer)
            await here.release()
            answer = await answering.createAnswer()
            await answering.setLocalDescription(answer)
            await offering.setRemoteDescription(answer)
            await there.release()
            await opened.wait()
            await announced.wait()
            yield watch.read()
        finally:
            offering.close()
            answering.close()


def _opened_there(answering: Any, loop: Loop) -> Event:
    """Return what is set when the channel that the other side made is open here."""
    announced = loop.new_event()
    kept: list[Any] = []

    def on_channel(event: Any) -> None:
        kept.append(event.channel)
        event.channel.on("open", lambda _: announced.set())
        if event.channel.readyState == "open":
            announced.set()

    answering.on("datachannel", on_channel)
    return announced
