"""aiolibdatachannel: libdatachannel, a small engine in C++."""

import asyncio
import importlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from benchmarks.actors.end import HIGH_WATER, IceServer, Take
from benchmarks.actors.loops import Loop
from benchmarks.actors.stopwatch import Stopwatch, Times

__all__ = ["LibdatachannelEnd", "LibdatachannelLibrary"]


class LibdatachannelEnd:
    """One end."""

    def __init__(self, rtc: Any, take: Take) -> None:
        self._take = take
        self._pc = rtc.PeerConnection(rtc.RTCConfiguration())
        self._channels: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        await self._pc.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pc.__aexit__(None, None, None)

    async def offer(self, labels: Sequence[str]) -> str:
        for label in labels:
            self._channels[label] = await self._pc.create_data_channel(label)
        offer = await self._pc.create_offer()
        sdp: str = offer.sdp
        return sdp

    async def accept(self, sdp: str) -> None:
        await self._pc.set_remote_description(sdp, "answer")
        for channel in self._channels.values():
            await channel.wait_open()

    async def answer(self, sdp: str) -> str:
        self._pc.spawn_task(self._accept_channels())
        await self._pc.set_remote_description(sdp, "offer")
        answer = await self._pc.create_answer()
        answer_sdp: str = answer.sdp
        return answer_sdp

    async def _accept_channels(self) -> None:
        async for channel in self._pc.incoming_data_channels():
            self._pc.spawn_task(self._read(channel))

    async def _read(self, channel: Any) -> None:
        label = channel.label
        async for message in channel:
            reply = self._take(label, message)
            if reply is not None:
                await channel.send(reply, wait_for_drain=False)

    async def flood(self, label: str, payload: bytes) -> None:
        """Send in bursts: its ``wait_for_drain`` waits for an empty buffer."""
        channel = self._channels[label]
        burst = max(HIGH_WATER // len(payload), 1)
        while True:
            for _ in range(burst):
                await channel.send(payload, wait_for_drain=False)
            await channel.send(payload)
            await asyncio.sleep(0)

    async def ping(self, label: str, payload: bytes, seconds: float) -> list[float]:
        channel = self._channels[label]
        times: list[float] = []
        begin = now = time.perf_counter()
        while now - begin < seconds:
            await channel.send(payload, wait_for_drain=False)
            await channel.recv()
            before, now = now, time.perf_counter()
            times.append(now - before)
        return times


class LibdatachannelLibrary:
    """What the processes need of it."""

    def __init__(self) -> None:
        self._rtc = importlib.import_module("aiolibdatachannel")

    def make_end(
        self, _loop: Loop, take: Take, *, plain: bool, path_mtu: int | None
    ) -> LibdatachannelEnd:
        if plain or path_mtu is not None:
            raise ValueError("there is no offload to turn off, and no packet size to set")
        return LibdatachannelEnd(self._rtc, take)

    @asynccontextmanager
    async def open_pair(self, _loop: Loop, servers: Sequence[IceServer]) -> AsyncIterator[Times]:
        """Open two connections, with trickling."""
        rtc = self._rtc
        urls = [
            rtc.IceServer(url=each.url, username=each.username, credential=each.credential)
            for each in servers
        ]
        async with (
            rtc.PeerConnection(rtc.RTCConfiguration(ice_servers=urls)) as offering,
            rtc.PeerConnection(rtc.RTCConfiguration(ice_servers=urls)) as answering,
        ):
            channel = await offering.create_data_channel("pair")
            offering.spawn_task(_trickle(offering, answering))
            answering.spawn_task(_trickle(answering, offering))
            watch = Stopwatch()
            offer = await offering.set_local_description("offer")
            await answering.set_remote_description(offer.sdp, "offer")
            answer = await answering.set_local_description("answer")
            await offering.set_remote_description(answer.sdp, "answer")
            await channel.wait_open()
            await (await answering.accept_data_channel()).wait_open()
            yield watch.read()


async def _trickle(source: Any, sink: Any) -> None:
    async for candidate in source.ice_candidates():
        await sink.add_remote_candidate(candidate.candidate, candidate.mid)
