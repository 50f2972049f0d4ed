"""A connection may be closed inside each method of each handler, and leaves nothing then."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from purertc import (
    ChannelClosed,
    ConnectionFailed,
    DataChannel,
    DataChannelHandler,
    InvalidStateError,
    PeerConnection,
    PeerConnectionHandler,
)
from tests.support.leftovers import leftovers_of
from tests.support.pairs import LIMIT, signal

CONNECTION_METHODS = (
    "on_connection_state_change",
    "on_ice_connection_state_change",
    "on_ice_gathering_state_change",
    "on_signaling_state_change",
    "on_ice_candidate",
    "on_negotiation_needed",
    "on_data_channel",
)

CHANNEL_METHODS = ("on_open", "on_message", "on_buffered_amount_low", "on_close")

Method = Callable[..., Awaitable[None]]


class Closes:
    """Closes a connection in one method, and raises there when it is to close in on_error."""

    def __init__(self, where: str, in_on_error: bool, pc: PeerConnection) -> None:
        self.where = where
        self.in_on_error = in_on_error
        self.pc: PeerConnection | None = pc
        self.closed: list[str] = []

    async def reach(self, where: str) -> None:
        if where != self.where or self.closed:
            return
        if self.in_on_error:
            raise ValueError(where)
        await self.close(where)

    async def on_error(self, error: Exception, where: str) -> None:
        await self.close(where)

    async def close(self, where: str) -> None:
        pc, self.pc = self.pc, None
        if pc is not None:
            await pc.close()
            await pc.closed()
            self.closed.append(where)


def _method(name: str) -> Method:
    async def method(self: Closes, *_: object) -> None:
        await self.reach(name)

    return method


ConnectionCloses = type(
    "ConnectionCloses",
    (Closes, PeerConnectionHandler),
    {name: _method(name) for name in CONNECTION_METHODS},
)

ChannelCloses = type(
    "ChannelCloses",
    (Closes, DataChannelHandler),
    {name: _method(name) for name in CHANNEL_METHODS},
)


class Attaches(PeerConnectionHandler):
    """Gives each channel of the other side the handler under test, and sends and closes."""

    def __init__(self, closes: Closes) -> None:
        self.closes = closes

    async def on_data_channel(self, channel: DataChannel) -> None:
        assert isinstance(self.closes, DataChannelHandler)
        channel.attach(self.closes)
        await channel.send(b"x" * 50_000)


async def use(where: str, in_on_error: bool, closes_of: Callable[..., Closes]) -> None:
    pc = PeerConnection()
    closes = closes_of(where, in_on_error, pc)
    pc.attach(closes if isinstance(closes, PeerConnectionHandler) else Attaches(closes))
    async with asyncio.timeout(LIMIT), PeerConnection() as other, pc:
        try:
            await drive(pc, other, where)
        except (ChannelClosed, ConnectionFailed, InvalidStateError):
            await pc.closed()
        assert pc.connection_state == "closed"
    assert closes.closed == [where]


async def drive(pc: PeerConnection, other: PeerConnection, where: str) -> None:
    """Let ``pc`` come by every method until it is closed."""
    if where == "on_negotiation_needed":
        pc.create_data_channel("own")
    channel = other.create_data_channel("channel")
    await signal(other, pc)
    if where in CHANNEL_METHODS:
        await channel.opened()
        await channel.send("hello")
        await channel.receive()
        if where == "on_close":
            await channel.close()
    await pc.closed()


@pytest.mark.parametrize("in_on_error", [False, True], ids=["in the method", "in on_error"])
@pytest.mark.parametrize("where", CONNECTION_METHODS)
def test_in_a_method_of_the_connections_handler(where: str, in_on_error: bool) -> None:
    assert leftovers_of(lambda: use(where, in_on_error, ConnectionCloses)) == {}


@pytest.mark.parametrize("in_on_error", [False, True], ids=["in the method", "in on_error"])
@pytest.mark.parametrize("where", CHANNEL_METHODS)
def test_in_a_method_of_a_channels_handler(where: str, in_on_error: bool) -> None:
    assert leftovers_of(lambda: use(where, in_on_error, ChannelCloses)) == {}
