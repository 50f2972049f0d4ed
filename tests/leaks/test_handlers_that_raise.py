"""A handler that raises in every method leaves nothing, whatever becomes of the error."""

import asyncio

import pytest

from purertc import (
    ConnectionState,
    DataChannel,
    DataChannelHandler,
    IceCandidate,
    IceConnectionState,
    IceGatheringState,
    PeerConnection,
    PeerConnectionHandler,
    SignalingState,
)
from tests.support.leftovers import leftovers_of
from tests.support.pairs import LIMIT, connect


class Raises(PeerConnectionHandler):
    async def on_connection_state_change(self, state: ConnectionState) -> None:
        raise ValueError(state)

    async def on_ice_connection_state_change(self, state: IceConnectionState) -> None:
        await asyncio.sleep(0)
        raise ValueError(state)

    async def on_ice_gathering_state_change(self, state: IceGatheringState) -> None:
        raise ValueError(state)

    async def on_signaling_state_change(self, state: SignalingState) -> None:
        raise ValueError(state)

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        raise ValueError(candidate)

    async def on_negotiation_needed(self) -> None:
        raise ValueError

    async def on_data_channel(self, channel: DataChannel) -> None:
        channel.attach(ChannelRaises())
        raise ValueError(channel)


class RaisesAgain(Raises):
    async def on_error(self, error: Exception, where: str) -> None:
        raise RuntimeError(where)


class ChannelRaises(DataChannelHandler):
    async def on_open(self) -> None:
        raise ValueError(self)

    async def on_message(self, message: str | bytes) -> None:
        await asyncio.sleep(0)
        raise ValueError(self)

    async def on_buffered_amount_low(self) -> None:
        raise ValueError(self)

    async def on_close(self) -> None:
        raise ValueError(self)


class Cancels(PeerConnectionHandler):
    """Lets a cancellation of something else escape."""

    async def on_data_channel(self, channel: DataChannel) -> None:
        task = asyncio.create_task(asyncio.sleep(1))
        await asyncio.sleep(0)
        task.cancel()
        await task


@pytest.mark.parametrize("handler_class", [Raises, RaisesAgain, Cancels])
def test_nothing_is_left(handler_class: type[PeerConnectionHandler]) -> None:
    async def use() -> None:
        async with (
            asyncio.timeout(LIMIT),
            PeerConnection(handler_class()) as left,
            PeerConnection(handler_class()) as right,
        ):
            channel = left.create_data_channel("channel")
            channel.attach(ChannelRaises())
            await connect(left, right)
            await channel.opened()
            for _ in range(3):
                await channel.send("hello" * 1000)
            await channel.drain()
            await channel.close()

    assert leftovers_of(use) == {}
