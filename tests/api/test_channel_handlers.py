"""A channel's handlers hear of everything in order, and slow ones shut the window."""

import pytest

from purertc import handler_tasks
from purertc.handler import DataChannelHandler
from purertc.runtime.base import Event
from purertc.sansio.types import DataChannelState
from tests.support.fake_channel import ChannelOnTest
from tests.support.runtimes import (
    new_event,
    on_each_runtime_without_scope,
    other_tasks,
    turns,
    within,
)


class Recorder(DataChannelHandler):
    def __init__(self) -> None:
        self.trace: list[str] = []
        self.gate: Event | None = None
        self.errors: list[str] = []

    async def on_open(self) -> None:
        self.trace.append("open")

    async def on_message(self, message: str | bytes) -> None:
        self.trace.append(f"message {message!r}")
        if self.gate is not None:
            await self.gate.wait()
            self.trace.append(f"message {message!r} ended")
        if message == "bad":
            raise ValueError(message)

    async def on_buffered_amount_low(self) -> None:
        self.trace.append("low")

    async def on_close(self) -> None:
        self.trace.append("close")

    async def on_error(self, error: Exception, where: str) -> None:
        self.errors.append(f"{where}: {error}")


class Listener(DataChannelHandler):
    """Leaves the messages to others."""

    def __init__(self) -> None:
        self.trace: list[str] = []

    async def on_open(self) -> None:
        self.trace.append("open")

    async def on_close(self) -> None:
        self.trace.append("close")


async def settled() -> None:
    for _ in range(5):
        await turns()


@on_each_runtime_without_scope
async def test_a_channel_of_this_side_from_opening_to_close() -> None:
    test = ChannelOnTest(state=DataChannelState.CONNECTING)
    test.channel.attach(handler := Recorder())
    await settled()
    assert handler.trace == []
    test.change(DataChannelState.OPEN)
    test.arrive("one", b"two")
    test.change(DataChannelState.CLOSING)
    test.change(DataChannelState.CLOSED)
    await settled()
    assert handler.trace == ["open", "message 'one'", "message b'two'", "close"]


@on_each_runtime_without_scope
async def test_a_handler_that_comes_late_hears_of_the_past() -> None:
    test = ChannelOnTest()
    test.arrive("waiting")
    test.channel.attach(early := Recorder())
    await settled()
    test.change(DataChannelState.CLOSED)
    await settled()
    test.channel.attach(late := Listener())
    await settled()
    assert early.trace == ["open", "message 'waiting'", "close"]
    assert late.trace == ["close"]


@on_each_runtime_without_scope
async def test_messages_come_one_at_a_time_and_the_rest_stay_unread() -> None:
    test = ChannelOnTest()
    handler = Recorder()
    handler.gate = new_event()
    test.channel.attach(handler)
    test.arrive("one", "two", "three")
    await settled()
    assert handler.trace == ["open", "message 'one'"]
    assert list(test.core.inbox) == ["two", "three"]
    handler.gate.set()
    await settled()
    assert handler.trace[2:] == [
        "message 'one' ended",
        "message 'two'",
        "message 'two' ended",
        "message 'three'",
        "message 'three' ended",
    ]


@on_each_runtime_without_scope
async def test_an_exception_is_the_handlers_own_and_the_next_message_comes() -> None:
    test = ChannelOnTest()
    test.channel.attach(handler := Recorder())
    test.arrive("bad", "good")
    await settled()
    assert handler.errors == ["on_message: bad"]
    assert handler.trace[-1] == "message 'good'"


@on_each_runtime_without_scope
async def test_each_handler_gets_each_message() -> None:
    test = ChannelOnTest()
    test.channel.attach(first := Recorder())
    test.channel.attach(second := Recorder())
    test.arrive("x")
    await settled()
    assert first.trace == second.trace == ["open", "message 'x'"]


@on_each_runtime_without_scope
async def test_a_listener_leaves_the_messages_to_receive() -> None:
    test = ChannelOnTest()
    test.channel.attach(listener := Listener())
    test.arrive("x")
    await settled()
    assert await test.channel.receive() == "x"
    test.change(DataChannelState.CLOSED)
    await settled()
    assert listener.trace == ["open", "close"]


@on_each_runtime_without_scope
async def test_a_low_buffer_is_told() -> None:
    test = ChannelOnTest()
    test.channel.attach(handler := Recorder())
    test.channel._on_buffered_amount_low()
    await settled()
    assert handler.trace == ["open", "low"]


@on_each_runtime_without_scope
async def test_nothing_runs_between_events() -> None:
    test = ChannelOnTest()
    test.channel.attach(Recorder())
    test.arrive("x")
    await settled()
    assert other_tasks() == []


@on_each_runtime_without_scope
async def test_a_handler_that_never_ends_still_hears_of_the_close(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handler_tasks, "CLOSE_GRACE", 0.01)
    test = ChannelOnTest()
    handler = Recorder()
    handler.gate = new_event()
    test.channel.attach(handler)
    test.arrive("one", "two")
    await settled()
    test.change(DataChannelState.CLOSED)
    test.scope.close(lambda: None)
    await within(test.scope.wait_finished(), 5)
    assert handler.trace == ["open", "message 'one'", "close"]
