"""Events reach handlers in order, one at a time, and settled before a call returns."""

from collections.abc import Awaitable, Callable
from typing import cast

from purertc import events
from purertc.data_channel import DataChannel
from purertc.dispatcher import Dispatcher
from purertc.handler import PeerConnectionHandler
from purertc.handler_tasks import HandlerScope
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.types import ConnectionState, IceConnectionState, SignalingState
from tests.support.runtimes import (
    new_event,
    on_each_runtime_without_scope,
    other_tasks,
    start,
    turns,
    within,
)

NEW, CONNECTING = ConnectionState.NEW, ConnectionState.CONNECTING


class Label:
    """Stands for a channel."""

    def __init__(self, label: str) -> None:
        self.label = label


def announced(label: str) -> events.DataChannelAnnounced:
    return events.DataChannelAnnounced(cast("DataChannel", Label(label)))


class Recorder(PeerConnectionHandler):
    """Writes down what it is told; ``inside`` runs in each method."""

    def __init__(self, trace: list[str] | None = None, name: str = "") -> None:
        self.trace = [] if trace is None else trace
        self.name = name
        self.inside: Callable[[str], Awaitable[None]] | None = None

    async def note(self, what: str) -> None:
        self.trace.append(f"{self.name}{what}")
        if self.inside is not None:
            await self.inside(what)
            self.trace.append(f"{self.name}{what} ended")

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        await self.note(state)

    async def on_signaling_state_change(self, state: SignalingState) -> None:
        await self.note(f"signaling {state}")

    async def on_ice_connection_state_change(self, state: IceConnectionState) -> None:
        await self.note(f"ice {state}")

    async def on_negotiation_needed(self) -> None:
        await self.note("negotiation needed")

    async def on_data_channel(self, channel: DataChannel) -> None:
        await self.note(f"channel {channel.label}")


def make(scope: HandlerScope, *handlers: PeerConnectionHandler) -> Dispatcher:
    dispatcher = Dispatcher(scope)
    for handler in handlers:
        dispatcher.attach(handler)
    return dispatcher


async def end(scope: HandlerScope) -> None:
    scope.close(lambda: None)
    await within(scope.wait_finished())


@on_each_runtime_without_scope
async def test_events_arrive_in_order_without_a_task_left() -> None:
    scope = HandlerScope(RuntimeSource())
    handler = Recorder()
    dispatcher = make(scope, handler)
    dispatcher.deliver(events.SignalingStateChanged(SignalingState.STABLE))
    dispatcher.deliver(events.ConnectionStateChanged(CONNECTING))
    dispatcher.deliver(announced("a"))
    dispatcher.deliver(events.NegotiationNeeded())
    assert handler.trace == []
    await dispatcher.settle()
    assert handler.trace == ["signaling stable", "connecting", "channel a", "negotiation needed"]
    await turns()
    assert other_tasks() == []
    await end(scope)


@on_each_runtime_without_scope
async def test_state_methods_are_awaited_one_at_a_time() -> None:
    scope = HandlerScope(RuntimeSource())
    gate = new_event()
    handler = Recorder()

    async def wait(what: str) -> None:
        if what == "new":
            await gate.wait()

    handler.inside = wait
    dispatcher = make(scope, handler)
    dispatcher.deliver(events.ConnectionStateChanged(NEW))
    dispatcher.deliver(events.ConnectionStateChanged(CONNECTING))
    await dispatcher.settle()
    assert handler.trace == ["new"]
    gate.set()
    await turns()
    assert handler.trace == ["new", "new ended", "connecting", "connecting ended"]
    await end(scope)


@on_each_runtime_without_scope
async def test_no_task_is_started_for_what_no_handler_listens_to() -> None:
    scope = HandlerScope(RuntimeSource())
    dispatcher = make(scope, PeerConnectionHandler())
    dispatcher.deliver(events.ConnectionStateChanged(NEW))
    assert other_tasks() == []
    listening = Recorder()
    dispatcher.attach(listening)
    dispatcher.deliver(events.ConnectionStateChanged(CONNECTING))
    await dispatcher.settle()
    assert listening.trace == ["connecting"]
    await end(scope)


@on_each_runtime_without_scope
async def test_a_method_that_was_put_on_the_handler_itself_is_called() -> None:
    scope = HandlerScope(RuntimeSource())
    handler, heard = PeerConnectionHandler(), Recorder()
    vars(handler)["on_negotiation_needed"] = heard.on_negotiation_needed
    dispatcher = make(scope, handler)
    dispatcher.deliver(events.NegotiationNeeded())
    await dispatcher.settle()
    assert heard.trace == ["negotiation needed"]
    await end(scope)


@on_each_runtime_without_scope
async def test_several_handlers_hear_each_event_in_order_of_attachment() -> None:
    scope = HandlerScope(RuntimeSource())
    trace: list[str] = []
    dispatcher = make(scope, Recorder(trace, "first "), Recorder(trace, "second "))
    dispatcher.deliver(events.ConnectionStateChanged(NEW))
    dispatcher.deliver(announced("a"))
    await dispatcher.settle()
    assert trace == ["first new", "second new", "first channel a", "second channel a"]
    await end(scope)


@on_each_runtime_without_scope
async def test_channel_handlers_start_in_order_and_may_loop_for_ever() -> None:
    scope = HandlerScope(RuntimeSource())
    gate = new_event()
    handler = Recorder()

    async def wait(what: str) -> None:
        if what.startswith("channel"):
            await gate.wait()

    handler.inside = wait
    dispatcher = make(scope, handler)
    for label in "abc":
        dispatcher.deliver(announced(label))
    dispatcher.deliver(events.ConnectionStateChanged(CONNECTING))
    await dispatcher.settle()
    expected = ["channel a", "channel b", "channel c", "connecting", "connecting ended"]
    assert handler.trace == expected
    gate.set()
    await turns()
    assert sorted(handler.trace[5:]) == ["channel a ended", "channel b ended", "channel c ended"]
    await end(scope)


@on_each_runtime_without_scope
async def test_settle_does_not_wait_behind_a_suspended_handler() -> None:
    scope = HandlerScope(RuntimeSource())
    gate = new_event()
    handler = Recorder()

    async def wait(what: str) -> None:
        await gate.wait()

    handler.inside = wait
    dispatcher = make(scope, handler)
    dispatcher.deliver(events.ConnectionStateChanged(NEW))
    await within(dispatcher.settle(), 1)
    dispatcher.deliver(events.ConnectionStateChanged(CONNECTING))
    await within(dispatcher.settle(), 1)
    assert handler.trace == ["new"]
    gate.set()
    await end(scope)


@on_each_runtime_without_scope
async def test_settle_inside_a_handler_does_not_deadlock() -> None:
    scope = HandlerScope(RuntimeSource())
    handler = Recorder()
    dispatcher = make(scope, handler)

    async def call(what: str) -> None:
        if what != "negotiation needed":
            dispatcher.deliver(events.NegotiationNeeded())
            await dispatcher.settle()

    handler.inside = call
    dispatcher.deliver(announced("a"))
    dispatcher.deliver(events.ConnectionStateChanged(NEW))
    await within(dispatcher.settle(), 1)
    await turns()
    assert handler.trace.count("negotiation needed ended") == 2
    await end(scope)


@on_each_runtime_without_scope
async def test_cancelling_settle_changes_nothing() -> None:
    scope = HandlerScope(RuntimeSource())
    handler = Recorder()
    dispatcher = make(scope, handler)
    dispatcher.deliver(events.ConnectionStateChanged(NEW))
    waiting = start(dispatcher.settle())
    waiting.cancel()
    await dispatcher.settle()
    assert handler.trace == ["new"]
    await end(scope)


@on_each_runtime_without_scope
async def test_a_channel_nobody_heard_of_is_announced_to_the_first_handler() -> None:
    scope = HandlerScope(RuntimeSource())
    dispatcher = make(scope)
    kept = dispatcher.keep_unannounced()
    dispatcher.deliver(announced("a"))
    assert len(kept.events) == 1
    dispatcher.deliver(events.ConnectionStateChanged(NEW))
    await dispatcher.settle()
    handler = Recorder()
    dispatcher.attach(handler)
    dispatcher.attach(other := Recorder())
    await dispatcher.settle()
    assert handler.trace == ["channel a"]
    assert other.trace == ["channel a"]
    await end(scope)


@on_each_runtime_without_scope
async def test_events_for_channels_are_no_business_of_the_handlers() -> None:
    scope = HandlerScope(RuntimeSource())
    handler = Recorder()
    dispatcher = make(scope, handler)
    dispatcher.deliver(events.MessageAvailable(cast("DataChannel", Label("a"))))
    await dispatcher.settle()
    assert handler.trace == []
    await end(scope)


@on_each_runtime_without_scope
async def test_release_forgets_handlers_and_events() -> None:
    scope = HandlerScope(RuntimeSource())
    handler = Recorder()
    dispatcher = make(scope, handler)
    dispatcher.deliver(events.ConnectionStateChanged(NEW))
    dispatcher.release()
    await turns()
    assert handler.trace == []
    assert dispatcher.handlers == ()
    await end(scope)
