"""purertc behind the protocol of the tests."""

import asyncio
from typing import Any

from purertc import (
    Configuration,
    DataChannel,
    DataChannelHandler,
    PeerConnection,
    PeerConnectionHandler,
    SessionDescription,
)
from tests.support.stack_protocol import ChannelEnd, ChannelOptions, Message

__all__ = ["PurertcStack"]


class PurertcStack:
    """Loopback included and ``send`` unbounded, as in the implementations it is tested with."""

    name = "purertc"

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # those of Configuration
        self._configuration = Configuration(include_loopback=True, send_high_water=None, **settings)

    def create(self) -> "PurertcConnection":
        return PurertcConnection(self._configuration)


class _Announced(PeerConnectionHandler):
    def __init__(self) -> None:
        self.channels: asyncio.Queue[PurertcChannel] = asyncio.Queue()
        self.greeting: Message | None = None

    async def on_data_channel(self, channel: DataChannel) -> None:
        self.channels.put_nowait(PurertcChannel(channel))
        if self.greeting is not None:
            await channel.send(self.greeting)


class _SendsOnOpen(DataChannelHandler):
    def __init__(self, channel: DataChannel, message: Message) -> None:
        self._channel = channel
        self._message = message

    async def on_open(self) -> None:
        await self._channel.send(self._message)


class _Closed(DataChannelHandler):
    def __init__(self) -> None:
        self.happened = asyncio.Event()

    async def on_close(self) -> None:
        self.happened.set()


class PurertcConnection:
    """One PeerConnection."""

    def __init__(self, configuration: Configuration) -> None:
        self._handler = _Announced()
        self.pc = PeerConnection(self._handler, configuration=configuration)

    @property
    def state(self) -> str:
        return self.pc.connection_state.value

    def create_channel(self, label: str, options: ChannelOptions) -> "PurertcChannel":
        return PurertcChannel(
            self.pc.create_data_channel(
                label,
                ordered=options.ordered,
                max_packet_life_time=options.max_packet_life_time,
                max_retransmits=options.max_retransmits,
                protocol=options.protocol,
                negotiated=options.negotiated,
                id=options.id,
            )
        )

    def send_on_open(self, channel: ChannelEnd, message: Message) -> None:
        assert isinstance(channel, PurertcChannel)
        channel.core.attach(_SendsOnOpen(channel.core, message))

    def greet_announced(self, message: Message) -> None:
        self._handler.greeting = message

    async def announced(self) -> "PurertcChannel":
        return await self._handler.channels.get()

    async def offer(self) -> str:
        return await self._describe()

    async def answer(self, offer: str) -> str:
        await self.pc.set_remote_description(SessionDescription("offer", offer))
        return await self._describe()

    async def accept(self, answer: str) -> None:
        await self.pc.set_remote_description(SessionDescription("answer", answer))

    async def connected(self) -> None:
        await self.pc.connected()

    async def closed(self) -> None:
        await self.pc.closed()

    async def close(self) -> None:
        await self.pc.close()

    async def _describe(self) -> str:
        await self.pc.set_local_description()
        await self.pc.gathering_complete()
        assert self.pc.local_description is not None
        return self.pc.local_description.sdp


class PurertcChannel:
    """One DataChannel."""

    def __init__(self, core: DataChannel) -> None:
        self.core = core
        self._closed = _Closed()
        core.attach(self._closed)

    @property
    def label(self) -> str:
        return self.core.label

    @property
    def id(self) -> int | None:
        return self.core.id

    @property
    def options(self) -> ChannelOptions:
        core = self.core
        return ChannelOptions(
            ordered=core.ordered,
            max_packet_life_time=core.max_packet_life_time,
            max_retransmits=core.max_retransmits,
            protocol=core.protocol,
            negotiated=core.negotiated,
            id=core.id,
        )

    @property
    def state(self) -> str:
        return self.core.ready_state.value

    @property
    def buffered_amount(self) -> int:
        return self.core.buffered_amount

    def send(self, message: Message) -> None:
        self.core.send_nowait(message)

    def close(self) -> None:
        self.core.start_close()

    async def opened(self) -> None:
        await self.core.opened()

    async def closed(self) -> None:
        await self._closed.happened.wait()

    async def receive(self) -> Message:
        return await self.core.receive()

    async def receive_many(self, count: int) -> list[Message]:
        return [await self.receive() for _ in range(count)]
