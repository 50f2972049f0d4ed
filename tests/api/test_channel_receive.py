"""Messages wait for their reader, and for one way of reading only (promise 4)."""

import gc

import pytest

from purertc.errors import ArgumentError, BusyError, ChannelClosed, InvalidStateError
from purertc.handler import DataChannelHandler
from purertc.sansio.types import DataChannelState
from tests.support.fake_channel import ChannelOnTest
from tests.support.runtimes import (
    Cancelled,
    on_each_runtime,
    on_each_runtime_without_scope,
    start,
    turns,
)


class Messages(DataChannelHandler):
    async def on_message(self, message: str | bytes) -> None:
        raise NotImplementedError


@on_each_runtime
async def test_a_message_that_is_there_is_read_at_once() -> None:
    test = ChannelOnTest()
    test.arrive("one", b"two")
    assert await test.channel.receive() == "one"
    assert await test.channel.receive() == b"two"


@on_each_runtime
async def test_receive_waits_for_a_message() -> None:
    test = ChannelOnTest()
    task = start(test.channel.receive())
    await turns()
    test.arrive("late")
    assert await task.result() == "late"


@on_each_runtime
async def test_cancelling_receive_loses_nothing() -> None:
    test = ChannelOnTest()
    task = start(test.channel.receive())
    await turns()
    test.arrive("kept")
    task.cancel()
    try:
        message = await task.result()
    except Cancelled:
        message = await test.channel.receive()
    assert message == "kept"


@on_each_runtime
async def test_two_who_receive_are_one_too_many() -> None:
    test = ChannelOnTest()
    first = start(test.channel.receive())
    await turns()
    with pytest.raises(BusyError, match="another task"):
        await test.channel.receive()
    test.arrive("mine")
    assert await first.result() == "mine"


@on_each_runtime
async def test_the_loop_ends_with_the_channel_after_the_last_message() -> None:
    test = ChannelOnTest()
    test.arrive("one", "two")
    test.change(DataChannelState.CLOSING)
    test.change(DataChannelState.CLOSED)
    assert [message async for message in test.channel] == ["one", "two"]
    with pytest.raises(ChannelClosed):
        await test.channel.receive()
    assert test.channel.receive_nowait() is None


@on_each_runtime
async def test_a_loop_that_waits_ends_when_the_channel_closes() -> None:
    test = ChannelOnTest()

    async def read() -> list[str | bytes]:
        return [message async for message in test.channel]

    task = start(read())
    await turns()
    test.change(DataChannelState.CLOSED)
    assert await task.result() == []


@on_each_runtime
async def test_receive_nowait_takes_what_is_there() -> None:
    test = ChannelOnTest()
    test.arrive("one")
    assert test.channel.receive_nowait() == "one"
    assert test.channel.receive_nowait() is None


@on_each_runtime
async def test_empty_messages_are_messages() -> None:
    test = ChannelOnTest()
    test.arrive("", b"")
    assert test.channel.receive_nowait() == ""
    assert await test.channel.receive() == b""


@on_each_runtime_without_scope
async def test_once_a_handler_reads_nobody_else_does() -> None:
    test = ChannelOnTest()
    test.channel.attach(Messages())
    for read in (test.channel.receive, test.channel.__anext__):
        with pytest.raises(BusyError, match="a handler"):
            await read()
    with pytest.raises(BusyError):
        test.channel.receive_nowait()
    with pytest.raises(BusyError):
        test.channel.stream()


@on_each_runtime_without_scope
async def test_once_a_task_reads_no_handler_does() -> None:
    test = ChannelOnTest()
    test.arrive("one")
    await test.channel.receive()
    with pytest.raises(BusyError, match=r"receive\(\)"):
        test.channel.attach(Messages())
    test.channel.attach(DataChannelHandler())


@on_each_runtime
async def test_attach_takes_instances_of_handlers_only() -> None:
    test = ChannelOnTest()
    for wrong in (Messages, object(), print):
        with pytest.raises(ArgumentError, match="instance"):
            test.channel.attach(wrong)  # type: ignore[arg-type]


@on_each_runtime
async def test_opened_waits_for_the_opening() -> None:
    test = ChannelOnTest(state=DataChannelState.CONNECTING)
    task = start(test.channel.opened())
    await turns()
    assert not task.done()
    test.change(DataChannelState.OPEN)
    await task.result()
    await test.channel.opened()


@on_each_runtime
async def test_opened_of_a_channel_that_will_not_open_raises() -> None:
    test = ChannelOnTest(state=DataChannelState.CONNECTING)
    task = start(test.channel.opened())
    await turns()
    test.change(DataChannelState.CLOSED)
    with pytest.raises(ChannelClosed):
        await task.result()


@on_each_runtime
async def test_close_waits_for_both_sides_and_survives_cancellation() -> None:
    test = ChannelOnTest()
    first = start(test.channel.close())
    second = start(test.channel.close())
    await turns()
    assert test.channel.ready_state is DataChannelState.CLOSING
    first.cancel()
    await turns()
    assert not second.done()
    test.change(DataChannelState.CLOSED)
    await second.result()
    await test.channel.close()


@on_each_runtime
async def test_the_context_manager_closes() -> None:
    test = ChannelOnTest()

    async def use() -> None:
        async with test.channel as channel:
            assert channel is test.channel

    task = start(use())
    await turns()
    test.change(DataChannelState.CLOSED)
    await task.result()


@on_each_runtime
async def test_a_closed_channel_that_is_dropped_unread_gives_its_window_back() -> None:
    test = ChannelOnTest()
    test.arrive("unread", "unread too")
    test.change(DataChannelState.CLOSED)
    gc.disable()
    try:
        del test.channel
    finally:
        gc.enable()
    assert test.discarded == 2


@pytest.mark.parametrize("wrong", [-1, True, 1.5, None])
def test_the_low_threshold_is_a_number_of_bytes(wrong: object) -> None:
    test = ChannelOnTest()
    with pytest.raises(ArgumentError):
        test.channel.buffered_amount_low_threshold = wrong  # type: ignore[assignment]
    test.channel.buffered_amount_low_threshold = 5
    assert test.core.buffered_amount_low_threshold == 5


@pytest.mark.parametrize("options", [{"ordered": False}, {"max_retransmits": 3}])
def test_a_lossy_or_unordered_channel_is_no_stream(options: dict[str, int]) -> None:
    test = ChannelOnTest(**options)  # type: ignore[arg-type]
    with pytest.raises(InvalidStateError, match="ordered, reliable"):
        test.channel.stream()
