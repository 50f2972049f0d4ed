"""Two real connections in one process, over sockets of this machine."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from purertc.data_channel import DataChannel
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.sansio.config import Configuration

__all__ = ["Announced", "Pair", "connect", "connected_pair", "signal"]

LIMIT = 20.0
"""Seconds after which a test that waits has failed."""


class Announced(PeerConnectionHandler):
    """Keeps the channels that the other side opened."""

    def __init__(self) -> None:
        self.channels: asyncio.Queue[DataChannel] = asyncio.Queue()

    async def on_data_channel(self, channel: DataChannel) -> None:
        self.channels.put_nowait(channel)


@dataclass
class Pair:
    """Two connections; ``left`` made the offer."""

    left: PeerConnection
    right: PeerConnection
    announced: Announced

    async def channel(self, **options: object) -> tuple[DataChannel, DataChannel]:
        """Open a channel from the left; return both of its ends."""
        channel = self.left.create_data_channel("test", **options)  # type: ignore[arg-type]
        await asyncio.wait_for(channel.opened(), LIMIT)
        return channel, await asyncio.wait_for(self.announced.channels.get(), LIMIT)


async def signal(left: PeerConnection, right: PeerConnection) -> None:
    """Exchange complete descriptions."""
    for one, other in ((left, right), (right, left)):
        await one.set_local_description()
        async with asyncio.timeout(LIMIT):
            await one.gathering_complete()
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)


async def connect(left: PeerConnection, right: PeerConnection) -> None:
    """Signal, and wait until both are connected."""
    await signal(left, right)
    try:
        await asyncio.wait_for(asyncio.gather(left.connected(), right.connected()), LIMIT)
    except TimeoutError:
        raise AssertionError("\n".join(map(_report, (left, right)))) from None


def _report(pc: PeerConnection) -> str:
    transport = pc._endpoint.peer.transport
    states = f"{pc!r} ICE {transport.ice.state} DTLS {transport.dtls.state}"
    return f"{states} dropped {transport.dropped}\n{transport.ice.describe()}"


@asynccontextmanager
async def connected_pair(
    left_handlers: Sequence[PeerConnectionHandler] = (),
    right_handlers: Sequence[PeerConnectionHandler] = (),
    configuration: Configuration | None = None,
) -> AsyncIterator[Pair]:
    """Two connected connections with a negotiated channel of id 1000; closed at the end."""
    announced = Announced()
    async with (
        PeerConnection(*left_handlers, configuration=configuration) as left,
        PeerConnection(*right_handlers, announced, configuration=configuration) as right,
    ):
        left.create_data_channel("bootstrap", negotiated=True, id=1000)
        right.create_data_channel("bootstrap", negotiated=True, id=1000)
        await connect(left, right)
        yield Pair(left, right, announced)
