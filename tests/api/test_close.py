"""Closing is idempotent, bounded, cancellation-safe and complete (promise 7)."""

import pytest

from purertc import handler_tasks
from purertc.data_channel import DataChannel
from purertc.errors import ChannelClosed, ConnectionFailed, InvalidStateError
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.sansio.types import ConnectionState, DataChannelState, SignalingState
from tests.support.connected import connected_pair, signal
from tests.support.runtimes import (
    Cancelled,
    Started,
    new_event,
    on_each_runtime,
    on_each_runtime_without_scope,
    open_sockets,
    other_tasks,
    outcomes,
    start,
    turns,
    within,
)


@on_each_runtime
async def test_nothing_is_left_and_closing_again_is_harmless() -> None:
    sockets = open_sockets()
    async with connected_pair() as pair:
        await pair.channel()
        assert open_sockets() > sockets
    await pair.left.close()
    await pair.right.close()
    pair.left.start_close()
    await turns()
    assert other_tasks() == []
    assert open_sockets() == sockets
    assert pair.left.connection_state is ConnectionState.CLOSED
    assert pair.left.signaling_state is SignalingState.CLOSED
    assert pair.left.handlers == ()


@on_each_runtime
async def test_closing_one_side_closes_the_other_with_a_reason() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel()
        await pair.left.close()
        assert pair.left.close_reason
        await within(pair.right.closed())
        assert pair.right.connection_state is ConnectionState.CLOSED
        assert pair.right.close_reason
        assert right.ready_state is DataChannelState.CLOSED
        assert left.ready_state is DataChannelState.CLOSED


@on_each_runtime
async def test_everyone_who_waits_is_woken() -> None:
    async with connected_pair() as pair:
        left, _ = await pair.channel()
        left.high_water = 10
        left.send_nowait(b"x" * 200_000)

        async def iterate() -> list[str | bytes]:
            return [message async for message in left]

        second, _ = await pair.channel()
        waiting: dict[str, Started[object]] = {
            "send": start(left.send(b"y" * 200_000)),
            "more": start(left.send(b"z" * 200_000)),
            "receive": start(second.receive()),
            "iterate": start(iterate()),
            "closed": start(pair.left.closed()),
        }
        await turns(1)
        await pair.left.close()
        results = await outcomes(waiting.values())
        by_name = dict(zip(waiting, results, strict=True))
        assert any(isinstance(by_name[name], ChannelClosed) for name in ("send", "more"))
        assert isinstance(by_name["receive"], ChannelClosed)
        assert by_name["iterate"] == []
        assert by_name["closed"] is None


@on_each_runtime_without_scope
async def test_connected_of_a_connection_that_closes_raises_with_the_reason() -> None:
    pc = PeerConnection()
    channel = pc.create_data_channel("x")
    connecting = start(pc.connected())
    opening = start(channel.opened())
    await turns()
    await pc.close()
    with pytest.raises(ConnectionFailed, match="closed") as caught:
        await connecting.result()
    assert caught.value.reason == pc.close_reason
    with pytest.raises(ChannelClosed):
        await opening.result()


@on_each_runtime_without_scope
async def test_a_closed_connection_takes_no_more_calls() -> None:
    pc = PeerConnection()
    await pc.close()
    with pytest.raises(InvalidStateError):
        pc.create_data_channel("x")
    with pytest.raises(InvalidStateError):
        await pc.create_offer()
    with pytest.raises(InvalidStateError):
        await pc.set_local_description()
    with pytest.raises(InvalidStateError):
        await pc.add_ice_candidate(None)
    with pytest.raises(InvalidStateError):
        pc.attach(PeerConnectionHandler())
    with pytest.raises(ConnectionFailed):
        await pc.connected()


class ClosesItself(PeerConnectionHandler):
    """Closes its connection where it is told to."""

    def __init__(self, where: str) -> None:
        self.pc: PeerConnection | None = None
        self.where = where
        self.done: list[str] = []

    async def close(self, where: str) -> None:
        if self.pc is not None and where == self.where:
            await self.pc.close()
            await self.pc.closed()
            self.done.append(where)

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        await self.close(state)

    async def on_data_channel(self, channel: DataChannel) -> None:
        await self.close("channel")
        await start(self.close("task of a handler")).result()


@pytest.mark.parametrize("where", ["connected", "closed", "channel", "task of a handler"])
@on_each_runtime
async def test_it_can_be_closed_from_a_handler(where: str) -> None:
    handler = ClosesItself(where)
    async with PeerConnection() as left, PeerConnection(handler) as right:
        handler.pc = right
        left.create_data_channel("x")
        await signal(left, right)
        if where == "closed":
            right.start_close()
        await within(right.closed())
        assert handler.done == [where]


@on_each_runtime_without_scope
async def test_cancelling_the_waiter_does_not_stop_the_closing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = new_event()

    class Slow(PeerConnectionHandler):
        async def on_connection_state_change(self, state: ConnectionState) -> None:
            await gate.wait()

    sockets = open_sockets()
    pc = PeerConnection(Slow())
    pc.create_data_channel("x")
    await pc.set_local_description()
    closing = start(pc.close())
    await turns()
    closing.cancel()
    with pytest.raises(Cancelled):
        await closing.result()
    assert pc.connection_state is ConnectionState.CLOSED
    assert open_sockets() == sockets
    gate.set()
    await within(pc.close())


@on_each_runtime_without_scope
async def test_handlers_that_do_not_end_are_cancelled_after_a_grace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handler_tasks, "CLOSE_GRACE", 0.05)
    trace: list[str] = []

    class Stuck(PeerConnectionHandler):
        async def on_signaling_state_change(self, state: SignalingState) -> None:
            try:
                await new_event().wait()
            finally:
                trace.append("cancelled")

        async def on_connection_state_change(self, state: ConnectionState) -> None:
            trace.append(state)

    pc = PeerConnection(Stuck())
    pc.create_data_channel("x")
    await pc.set_local_description()
    await within(pc.close(), 1)
    assert trace.count("closed") <= 1
    assert "cancelled" in trace
    await turns()
    assert other_tasks() == []


@on_each_runtime_without_scope
async def test_the_final_state_reaches_the_handlers_before_close_returns() -> None:
    trace: list[str] = []

    class Recorder(PeerConnectionHandler):
        async def on_connection_state_change(self, state: ConnectionState) -> None:
            await turns()
            trace.append(state)

    pc = PeerConnection(Recorder())
    pc.create_data_channel("x")
    await pc.close()
    assert trace == ["closed"]


@on_each_runtime
async def test_a_loop_over_a_channel_in_a_handler_ends_by_itself() -> None:
    ended = new_event()

    class Loops(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            async for _ in channel:
                pass
            ended.set()

    async with connected_pair(right_handlers=[Loops()]) as pair:
        await pair.channel()
        await within(pair.right.close(), 0.9)
        assert ended.is_set()
