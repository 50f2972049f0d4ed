"""A channel can be read and written as bytes without boundaries."""

import pytest

from purertc.errors import ArgumentError, BusyError, ChannelClosed
from purertc.sansio.types import DataChannelState
from tests.support.fake_channel import ChannelOnTest
from tests.support.runtimes import on_each_runtime, start, turns


@on_each_runtime
async def test_messages_join_and_split() -> None:
    test = ChannelOnTest()
    stream = test.channel.stream()
    test.arrive(b"hello", "wörld")
    assert await stream.receive_some(2) == b"he"
    assert await stream.receive_some(100) == b"llo"
    assert await stream.receive_some() == "wörld".encode()


@on_each_runtime
async def test_empty_messages_are_nothing_in_a_stream() -> None:
    test = ChannelOnTest()
    stream = test.channel.stream()
    test.arrive(b"", "", b"x")
    assert await stream.receive_some() == b"x"


@on_each_runtime
async def test_the_end_of_the_channel_is_the_end_of_the_stream() -> None:
    test = ChannelOnTest()
    stream = test.channel.stream()
    test.arrive(b"last")
    test.change(DataChannelState.CLOSED)
    assert await stream.receive_some() == b"last"
    assert await stream.receive_some() == b""
    assert await stream.receive_some() == b""


@on_each_runtime
async def test_send_all_cuts_into_messages_that_everyone_takes() -> None:
    test = ChannelOnTest(high_water=None)
    test.limit = 16384
    await test.channel.stream().send_all(bytearray(range(256)) * 160)
    assert [len(bytes(message)) for message in test.sent if isinstance(message, bytes)] == [
        16384,
        16384,
        8192,
    ]
    assert b"".join(bytes(m) for m in test.sent if isinstance(m, bytes)) == bytes(range(256)) * 160


@on_each_runtime
async def test_send_all_on_a_closed_channel_raises() -> None:
    test = ChannelOnTest()
    stream = test.channel.stream()
    test.change(DataChannelState.CLOSED)
    with pytest.raises(ChannelClosed):
        await stream.send_all(b"x")


@on_each_runtime
async def test_the_stream_owns_the_messages() -> None:
    test = ChannelOnTest()
    stream = test.channel.stream()
    with pytest.raises(BusyError, match="a byte stream"):
        await test.channel.receive()
    with pytest.raises(BusyError):
        test.channel.stream()
    with pytest.raises(ArgumentError):
        await stream.receive_some(0)


@on_each_runtime
async def test_leaving_the_stream_closes_the_channel() -> None:
    test = ChannelOnTest()

    async def use() -> None:
        async with test.channel.stream():
            pass

    task = start(use())
    await turns()
    assert test.channel.ready_state is DataChannelState.CLOSING
    test.change(DataChannelState.CLOSED)
    await task.result()
