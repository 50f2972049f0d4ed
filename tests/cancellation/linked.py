"""Two connections with a channel, built and judged by code that runs on any event loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from purertc import (
    Configuration,
    ConnectionState,
    DataChannel,
    IceConnectionState,
    IceGatheringState,
    PeerConnection,
    PeerConnectionHandler,
    SignalingState,
)

__all__ = ["Arrivals", "Linked", "Unhurried", "linked", "signal", "turns", "unconnected"]


class Unhurried(PeerConnectionHandler):
    """Takes a turn of the loop for every change of state, and negotiation waits for it."""

    async def on_signaling_state_change(self, state: SignalingState) -> None:
        await turns(1)

    async def on_ice_gathering_state_change(self, state: IceGatheringState) -> None:
        await turns(1)

    async def on_ice_connection_state_change(self, state: IceConnectionState) -> None:
        await turns(1)

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        await turns(1)


class Arrivals(Unhurried):
    """Waits for the channel "test" of the other side. ``lingers`` keeps the handler there."""

    def __init__(self) -> None:
        self._channel: DataChannel | None = None
        self._arrived = anyio.Event()
        self.lingers = False

    async def on_data_channel(self, channel: DataChannel) -> None:
        if channel.label != "test":
            return
        self._channel = channel
        self._arrived.set()
        if self.lingers:
            await anyio.sleep_forever()

    async def channel(self) -> DataChannel:
        await self._arrived.wait()
        assert self._channel is not None
        return self._channel


@dataclass
class Linked:
    """The left one made the offer and opened the channel; ``far`` is its end on the right."""

    left: PeerConnection
    right: PeerConnection
    near: DataChannel
    far: DataChannel

    async def still_works(self) -> None:
        """Send both ways, and let what was sent arrive."""
        await self.near.send("still")
        assert await self.far.receive() == "still"
        await self.far.send("works")
        assert await self.near.receive() == "works"
        await self.near.drain()
        assert (self.near.buffered_amount, self.far.buffered_amount) == (0, 0)


async def turns(number: int) -> None:
    """Let everything else run for that many turns of the loop."""
    for _ in range(number):
        await anyio.lowlevel.checkpoint()


async def signal(left: PeerConnection, right: PeerConnection) -> None:
    """Exchange complete descriptions, from wherever the two have got to."""
    if left.signaling_state == "stable":
        await left.set_local_description()
    await left.gathering_complete()
    assert left.local_description is not None
    if right.signaling_state == "stable":
        await right.set_remote_description(left.local_description)
    if right.signaling_state == "have-remote-offer":
        await right.set_local_description()
    await right.gathering_complete()
    assert right.local_description is not None
    await left.set_remote_description(right.local_description)


@asynccontextmanager
async def unconnected() -> AsyncIterator[tuple[PeerConnection, PeerConnection]]:
    """Two connections, the left one with something to offer; at the end they must connect."""
    arrivals = Arrivals()
    async with PeerConnection(Unhurried()) as left, PeerConnection(arrivals) as right:
        near = left.create_data_channel("test")
        yield left, right
        if left.connection_state != "connected":
            await near.opened()
        await Linked(left, right, near, await arrivals.channel()).still_works()


@asynccontextmanager
async def linked(
    *, lingers: bool = False, configuration: Configuration | None = None
) -> AsyncIterator[Linked]:
    """Two connections with a channel."""
    arrivals = Arrivals()
    arrivals.lingers = lingers
    async with (
        PeerConnection(configuration=configuration) as left,
        PeerConnection(arrivals, configuration=configuration) as right,
    ):
        near = left.create_data_channel("test")
        await signal(left, right)
        await near.opened()
        yield Linked(left, right, near, await arrivals.channel())
