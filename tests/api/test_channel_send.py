"""Sending waits above the high-water mark, in order, and never half (promise 5)."""

import array
from typing import Any, cast

import pytest
from typing_extensions import Buffer

from purertc.errors import (
    ArgumentError,
    ChannelClosed,
    InvalidStateError,
    MessageTooLarge,
    WouldBlock,
)
from purertc.sansio.types import DataChannelState
from tests.support.fake_channel import ChannelOnTest
from tests.support.runtimes import Cancelled, on_each_runtime, start, turns


async def started() -> None:
    """Let the tasks run until they wait."""
    await turns()


@on_each_runtime
async def test_a_send_with_room_does_not_suspend() -> None:
    test = ChannelOnTest()
    sending = test.channel.send(b"x" * 100)
    with pytest.raises(StopIteration):
        sending.send(None)
    assert test.channel.buffered_amount == 100


@on_each_runtime
async def test_a_send_above_the_mark_waits_for_half_of_it() -> None:
    test = ChannelOnTest(high_water=100)
    await test.channel.send(b"x" * 100)
    task = start(test.channel.send(b"y"))
    await started()
    test.release(40)
    await started()
    assert not task.done()
    test.release(10)
    await task.result()
    assert test.sent[-1] == b"y"


@on_each_runtime
async def test_a_message_larger_than_the_mark_goes_when_the_buffer_is_empty() -> None:
    test = ChannelOnTest(high_water=10)
    await test.channel.send(b"x" * 50)
    task = start(test.channel.send(b"y" * 50))
    await started()
    test.release(49)
    await started()
    assert not task.done()
    test.release(1)
    await task.result()
    assert test.channel.buffered_amount == 50


@on_each_runtime
async def test_those_who_wait_go_in_the_order_they_came() -> None:
    test = ChannelOnTest(high_water=10)
    await test.channel.send(b"0123456789")
    tasks = []
    for number in range(5):
        tasks.append(start(test.channel.send(bytes([65 + number]))))
        await started()
    with pytest.raises(WouldBlock):
        test.channel.send_nowait(b"late")
    test.release(10)
    for task in tasks:
        await task.result()
    assert test.sent[1:] == [b"A", b"B", b"C", b"D", b"E"]


@on_each_runtime
async def test_a_small_message_does_not_overtake_a_large_one() -> None:
    test = ChannelOnTest(high_water=10)
    await test.channel.send(b"0123456789")
    large = start(test.channel.send(b"l" * 10))
    await started()
    small = start(test.channel.send(b"s"))
    await started()
    test.release(8)
    await started()
    assert test.sent[1:] == []
    test.release(2)
    await large.result()
    test.release(10)
    await small.result()
    assert test.sent[1:] == [b"l" * 10, b"s"]


@on_each_runtime
async def test_no_mark_means_no_wait() -> None:
    test = ChannelOnTest(high_water=None)
    for _ in range(10):
        await test.channel.send(b"x" * 1000)
    assert test.channel.buffered_amount == 10_000


@on_each_runtime
async def test_raising_the_mark_admits_those_who_wait() -> None:
    test = ChannelOnTest(high_water=10)
    await test.channel.send(b"0123456789")
    task = start(test.channel.send(b"y"))
    await started()
    test.channel.high_water = 1000
    await task.result()
    assert test.channel.high_water == 1000
    with pytest.raises(ArgumentError):
        test.channel.high_water = 0


@on_each_runtime
async def test_cancelled_it_was_sent_whole_or_not_at_all() -> None:
    test = ChannelOnTest(high_water=10)
    await test.channel.send(b"0123456789")
    early = start(test.channel.send(b"early"))
    await started()
    late = start(test.channel.send(b"late"))
    await started()
    early.cancel()
    await started()
    test.release(10)
    late.cancel()
    with pytest.raises(Cancelled):
        await early.result()
    await late.ended()
    assert test.sent[1:] == [b"late"]


@on_each_runtime
async def test_what_waits_is_what_was_given() -> None:
    test = ChannelOnTest(high_water=10)
    await test.channel.send(b"0123456789")
    data = bytearray(b"before")
    task = start(test.channel.send(data))
    await started()
    data[:] = b"after!"
    test.release(10)
    await task.result()
    assert test.sent[-1] == b"before"


@pytest.mark.parametrize("state", [DataChannelState.CLOSING, DataChannelState.CLOSED])
@on_each_runtime
async def test_closing_wakes_those_who_wait(state: DataChannelState) -> None:
    test = ChannelOnTest(high_water=10)
    await test.channel.send(b"0123456789")
    tasks = [start(test.channel.send(b"x")) for _ in range(3)]
    await started()
    test.change(state)
    for task in tasks:
        with pytest.raises(ChannelClosed, match=state):
            await task.result()
    with pytest.raises(ChannelClosed):
        await test.channel.send(b"x")


@on_each_runtime
async def test_a_message_that_cannot_be_sent_tells_its_sender_only() -> None:
    test = ChannelOnTest(high_water=10)
    test.limit = 20
    await test.channel.send(b"0123456789")
    large = start(test.channel.send(b"x" * 30))
    await started()
    small = start(test.channel.send(b"small"))
    await started()
    test.release(10)
    with pytest.raises(MessageTooLarge):
        await large.result()
    await small.result()
    assert test.sent[1:] == [b"small"]


@on_each_runtime
async def test_sending_before_it_is_open_says_what_to_do() -> None:
    test = ChannelOnTest(state=DataChannelState.CONNECTING)
    with pytest.raises(InvalidStateError, match="opened"):
        await test.channel.send("x")
    with pytest.raises(InvalidStateError, match="opened"):
        test.channel.send_nowait("x")


@pytest.mark.parametrize(
    "data",
    ["text", b"bytes", bytearray(b"array"), memoryview(b"view"), array.array("H", [1, 2, 3])],
)
@on_each_runtime
async def test_any_buffer_will_do(data: str | Buffer) -> None:
    test = ChannelOnTest()
    await test.channel.send(data)
    test.channel.send_nowait(data)
    assert len(test.sent) == 2


@pytest.mark.parametrize("data", [None, 5, ["list"], "\ud800"])
@on_each_runtime
async def test_anything_else_is_refused_before_it_waits(data: object) -> None:
    test, wrong = ChannelOnTest(), cast("Any", data)
    with pytest.raises(ArgumentError):
        await test.channel.send(wrong)
    with pytest.raises(ArgumentError):
        test.channel.send_nowait(wrong)
    assert test.sent == []


@on_each_runtime
async def test_text_counts_as_its_bytes() -> None:
    test = ChannelOnTest(high_water=10)
    test.channel.send_nowait("ä" * 4)
    with pytest.raises(WouldBlock, match="8 bytes are buffered, the limit is 10"):
        test.channel.send_nowait("ää")


@on_each_runtime
async def test_drain_waits_until_everything_left() -> None:
    test = ChannelOnTest(high_water=10)
    await test.channel.drain()
    await test.channel.send(b"0123456789")
    waiting = start(test.channel.send(b"abc"))
    await started()
    draining = start(test.channel.drain())
    await started()
    test.release(10)
    await waiting.result()
    await started()
    assert not draining.done()
    test.release(3)
    await draining.result()


@on_each_runtime
async def test_drain_of_a_channel_that_closes_with_messages_raises() -> None:
    test = ChannelOnTest()
    await test.channel.send(b"0123456789")
    draining = start(test.channel.drain())
    await started()
    test.change(DataChannelState.CLOSED)
    with pytest.raises(ChannelClosed):
        await draining.result()
