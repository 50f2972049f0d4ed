"""purertc, on any loop."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self

from benchmarks.actors.end import IceServer, Take
from benchmarks.actors.loops import Loop, TrioLoop
from benchmarks.actors.plain_sockets import PlainAsyncioRuntime, plain_trio_runtime
from benchmarks.actors.stopwatch import Stopwatch, Times
from purertc import (
    Configuration,
    DataChannel,
    IceCandidate,
    NetworkSettings,
    PeerConnection,
    PeerConnectionHandler,
    Runtime,
    SessionDescription,
)
from purertc import IceServer as PurertcServer

__all__ = ["PurertcEnd", "make_end", "open_pair"]


class Taker(PeerConnectionHandler):
    """Reads the channels of the other side."""

    def __init__(self, take: Take) -> None:
        self._take = take

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            reply = self._take(channel.label, message)
            if reply is not None:
                await channel.send(reply)


class PurertcEnd:
    """One end."""

    def __init__(self, take: Take, runtime: Runtime | None, configuration: Configuration) -> None:
        self._pc = PeerConnection(Taker(take), runtime=runtime, configuration=configuration)
        self._channels: dict[str, DataChannel] = {}

    async def __aenter__(self) -> Self:
        await self._pc.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pc.__aexit__(None, None, None)

    async def offer(self, labels: Sequence[str]) -> str:
        self._channels = {label: self._pc.create_data_channel(label) for label in labels}
        await self._pc.set_local_description()
        return (await self._pc.gathering_complete()).sdp

    async def accept(self, sdp: str) -> None:
        await self._pc.set_remote_description(SessionDescription("answer", sdp))
        for channel in self._channels.values():
            await channel.opened()

    async def answer(self, sdp: str) -> str:
        await self._pc.set_remote_description(SessionDescription("offer", sdp))
        await self._pc.set_local_description()
        return (await self._pc.gathering_complete()).sdp

    async def flood(self, label: str, payload: bytes) -> None:
        channel = self._channels[label]
        while True:
            await channel.send(payload)

    async def ping(self, label: str, payload: bytes, seconds: float) -> list[float]:
        channel = self._channels[label]
        times: list[float] = []
        begin = now = time.perf_counter()
        while now - begin < seconds:
            await channel.send(payload)
            await channel.receive()
            before, now = now, time.perf_counter()
            times.append(now - before)
        return times


def make_end(loop: Loop, take: Take, *, plain: bool, path_mtu: int | None) -> PurertcEnd:
    """Make one end; ``plain`` has the system refuse segmentation offload to its sockets."""
    configuration = Configuration()
    if path_mtu is not None:
        configuration = Configuration(network=NetworkSettings(max_path_mtu=path_mtu))
    if not plain:
        return PurertcEnd(take, None, configuration)
    trio = isinstance(loop, TrioLoop)
    runtime = plain_trio_runtime() if trio else PlainAsyncioRuntime()
    return PurertcEnd(take, runtime, configuration)


class Trickling(PeerConnectionHandler):
    """Gives candidates to the other side as soon as that has the description they belong to."""

    def __init__(self, loop: Loop) -> None:
        self.announced = loop.new_event()
        self._held: list[IceCandidate | None] = []
        self._other: PeerConnection | None = None

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        if self._other is None:
            self._held.append(candidate)
        else:
            await self._other.add_ice_candidate(candidate)

    async def on_data_channel(self, channel: DataChannel) -> None:
        await channel.opened()
        self.announced.set()

    async def release(self, other: PeerConnection) -> None:
        """``other`` has the description."""
        while self._held:
            await other.add_ice_candidate(self._held.pop(0))
        self._other = other


@asynccontextmanager
async def open_pair(loop: Loop, servers: Sequence[IceServer]) -> AsyncIterator[Times]:
    """Open two connections on whatever loop runs; see :class:`benchmarks.actors.end.OpenPair`."""
    here, there = Trickling(loop), Trickling(loop)
    configuration = Configuration(
        ice_servers=[PurertcServer(each.url, each.username, each.credential) for each in servers]
    )
    async with (
        PeerConnection(here, configuration=configuration) as offering,
        PeerConnection(there, configuration=configuration) as answering,
    ):
        channel = offering.create_data_channel("pair")
        watch = Stopwatch()
        offer = await offering.create_offer()
        await offering.set_local_description(offer)
        await answering.set_remote_description(offer)
        await here.release(answering)
        answer = await answering.create_answer()
        await answering.set_local_description(answer)
        await offering.set_remote_description(answer)
        await there.release(offering)
        await channel.opened()
        await there.announced.wait()
        yield watch.read()
