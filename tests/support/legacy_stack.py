"""aiortc, and the package that has its API, behind the protocol of the tests."""

import asyncio
import importlib
from collections.abc import Callable
from typing import Any

from tests.support.stack_protocol import ChannelEnd, ChannelOptions, Message

__all__ = ["LegacyStack"]

Legacy = Any
"""A module or object of either implementation."""


class LegacyStack:
    """``package`` is "aiortc" or "purertc_compat"."""

    def __init__(self, package: str) -> None:
        self.name = package.removeprefix("purertc_")
        self._package = package

    def create(self) -> "LegacyConnection":
        return LegacyConnection(importlib.import_module(self._package))


class LegacyConnection:
    """One RTCPeerConnection."""

    def __init__(self, api: Legacy, configuration: Legacy = None) -> None:
        self._api = api
        self.pc = api.RTCPeerConnection(configuration or api.RTCConfiguration(iceServers=[]))
        self._announced: asyncio.Queue[LegacyChannel] = asyncio.Queue()
        self._greeting: Message | None = None
        self._changed = asyncio.Event()
        self.pc.on("datachannel", self._on_channel)
        self.pc.on("connectionstatechange", self._changed.set)

    @property
    def state(self) -> str:
        return str(self.pc.connectionState)

    def create_channel(self, label: str, options: ChannelOptions) -> "LegacyChannel":
        return LegacyChannel(
            self.pc.createDataChannel(
                label,
                maxPacketLifeTime=options.max_packet_life_time,
                maxRetransmits=options.max_retransmits,
                ordered=options.ordered,
                protocol=options.protocol,
                negotiated=options.negotiated,
                id=options.id,
            )
        )

    def send_on_open(self, channel: ChannelEnd, message: Message) -> None:
        assert isinstance(channel, LegacyChannel)
        channel.core.on("open", lambda: channel.core.send(message))

    def greet_announced(self, message: Message) -> None:
        self._greeting = message

    async def announced(self) -> "LegacyChannel":
        return await self._announced.get()

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return str(self.pc.localDescription.sdp)

    async def answer(self, offer: str) -> str:
        await self._set_remote("offer", offer)
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return str(self.pc.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        await self._set_remote("answer", answer)

    async def connected(self) -> None:
        await _until(self._changed, lambda: self.state == "connected")

    async def closed(self) -> None:
        await _until(self._changed, lambda: self.state == "closed")

    async def close(self) -> None:
        await self.pc.close()

    async def _set_remote(self, kind: str, sdp: str) -> None:
        await self.pc.setRemoteDescription(self._api.RTCSessionDescription(sdp=sdp, type=kind))

    def _on_channel(self, core: Legacy) -> None:
        self._announced.put_nowait(LegacyChannel(core))
        if self._greeting is not None:
            core.send(self._greeting)


class LegacyChannel:
    """One RTCDataChannel. It listens from the start, as messages without a listener are lost."""

    def __init__(self, core: Legacy) -> None:
        self.core = core
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._changed = asyncio.Event()
        core.on("message", self._messages.put_nowait)
        core.on("open", self._changed.set)
        core.on("close", self._changed.set)

    @property
    def label(self) -> str:
        return str(self.core.label)

    @property
    def id(self) -> int | None:
        identifier: int | None = self.core.id
        return identifier

    @property
    def options(self) -> ChannelOptions:
        core = self.core
        return ChannelOptions(
            ordered=core.ordered,
            max_packet_life_time=core.maxPacketLifeTime,
            max_retransmits=core.maxRetransmits,
            protocol=core.protocol,
            negotiated=core.negotiated,
            id=core.id,
        )

    @property
    def state(self) -> str:
        return str(self.core.readyState)

    @property
    def buffered_amount(self) -> int:
        return int(self.core.bufferedAmount)

    def send(self, message: Message) -> None:
        self.core.send(message)

    def close(self) -> None:
        self.core.close()

    async def opened(self) -> None:
        await _until(self._changed, lambda: self.state == "open")

    async def closed(self) -> None:
        await _until(self._changed, lambda: self.state == "closed")

    async def receive(self) -> Message:
        return await self._messages.get()

    async def receive_many(self, count: int) -> list[Message]:
        return [await self.receive() for _ in range(count)]


async def _until(changed: asyncio.Event, condition: Callable[[], bool]) -> None:
    while not condition():
        changed.clear()
        await changed.wait()
