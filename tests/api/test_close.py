"""Closing is idempotent, bounded, cancellation-safe and complete (promise 7)."""

import asyncio
import gc
import os

import pytest

from purertc import handler_tasks
from purertc.data_channel import DataChannel
from purertc.errors import ChannelClosed, ConnectionFailed, InvalidStateError
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.sansio.types import ConnectionState, DataChannelState, SignalingState
from tests.support.pairs import LIMIT, connected_pair, signal


def open_sockets() -> int:
    count = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
        except OSError:
            continue
    return count


async def test_nothing_is_left_and_closing_again_is_harmless() -> None:
    sockets = open_sockets()
    async with connected_pair() as pair:
        await pair.channel()
        assert open_sockets() > sockets
    await pair.left.close()
    await pair.right.close()
    pair.left.start_close()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert open_sockets() == sockets
    assert pair.left.connection_state is ConnectionState.CLOSED
    assert pair.left.signaling_state is SignalingState.CLOSED
    assert pair.left.handlers == ()


async def test_closing_one_side_closes_the_other_with_a_reason() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel()
        await pair.left.close()
        assert pair.left.close_reason
        await asyncio.wait_for(pair.right.closed(), LIMIT)
        assert pair.right.connection_state is ConnectionState.CLOSED
        assert pair.right.close_reason
        assert right.ready_state is DataChannelState.CLOSED
        assert left.ready_state is DataChannelState.CLOSED


async def test_everyone_who_waits_is_woken() -> None:
    async with connected_pair() as pair:
        left, _ = await pair.channel()
        left.high_water = 10
        left.send_nowait(b"x" * 200_000)

        async def iterate() -> list[str | bytes]:
            return [message async for message in left]

        second, _ = await pair.channel()
        waiting: dict[str, asyncio.Task[object]] = {
            "send": asyncio.create_task(left.send(b"y" * 200_000)),
            "more": asyncio.create_task(left.send(b"z" * 200_000)),
            "receive": asyncio.create_task(second.receive()),
            "iterate": asyncio.create_task(iterate()),
            "closed": asyncio.create_task(pair.left.closed()),
        }
        await asyncio.sleep(0)
        await pair.left.close()
        results = await asyncio.wait_for(
            asyncio.gather(*waiting.values(), return_exceptions=True), LIMIT
        )
        by_name = dict(zip(waiting, results, strict=True))
        assert isinstance(by_name["more"], ChannelClosed)
        assert isinstance(by_name["receive"], ChannelClosed)
        assert by_name["iterate"] == []
        assert by_name["closed"] is None


async def test_connected_of_a_connection_that_closes_raises_with_the_reason() -> None:
    pc = PeerConnection()
    channel = pc.create_data_channel("x")
    connecting = asyncio.create_task(pc.connected())
    opening = asyncio.create_task(channel.opened())
    await asyncio.sleep(0)
    await pc.close()
    with pytest.raises(ConnectionFailed, match="closed") as caught:
        await connecting
    assert caught.value.reason == pc.close_reason
    with pytest.raises(ChannelClosed):
        await opening


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
        await asyncio.create_task(self.close("task of a handler"))


@pytest.mark.parametrize("where", ["connected", "closed", "channel", "task of a handler"])
async def test_it_can_be_closed_from_a_handler(where: str) -> None:
    handler = ClosesItself(where)
    async with PeerConnection() as left, PeerConnection(handler) as right:
        handler.pc = right
        left.create_data_channel("x")
        await signal(left, right)
        if where == "closed":
            right.start_close()
        await asyncio.wait_for(right.closed(), LIMIT)
        assert handler.done == [where]


async def test_cancelling_the_waiter_does_not_stop_the_closing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = asyncio.Event()

    class Slow(PeerConnectionHandler):
        async def on_connection_state_change(self, state: ConnectionState) -> None:
            await gate.wait()

    sockets = open_sockets()
    pc = PeerConnection(Slow())
    pc.create_data_channel("x")
    await pc.set_local_description()
    closing = asyncio.create_task(pc.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert pc.connection_state is ConnectionState.CLOSED
    assert open_sockets() == sockets
    gate.set()
    await asyncio.wait_for(pc.close(), LIMIT)


async def test_handlers_that_do_not_end_are_cancelled_after_a_grace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handler_tasks, "CLOSE_GRACE", 0.05)
    trace: list[str] = []

    class Stuck(PeerConnectionHandler):
        async def on_signaling_state_change(self, state: SignalingState) -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                trace.append("cancelled")
                raise

        async def on_connection_state_change(self, state: ConnectionState) -> None:
            trace.append(state)

    pc = PeerConnection(Stuck())
    pc.create_data_channel("x")
    await pc.set_local_description()
    await asyncio.wait_for(pc.close(), 1)
    assert trace.count("closed") <= 1
    assert "cancelled" in trace
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_final_state_reaches_the_handlers_before_close_returns() -> None:
    trace: list[str] = []

    class Recorder(PeerConnectionHandler):
        async def on_connection_state_change(self, state: ConnectionState) -> None:
            await asyncio.sleep(0)
            trace.append(state)

    pc = PeerConnection(Recorder())
    pc.create_data_channel("x")
    await pc.close()
    assert trace == ["closed"]


async def test_a_loop_over_a_channel_in_a_handler_ends_by_itself() -> None:
    ended = asyncio.Event()

    class Loops(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            async for _ in channel:
                pass
            ended.set()

    async with connected_pair(right_handlers=[Loops()]) as pair:
        await pair.channel()
        await asyncio.wait_for(pair.right.close(), 0.9)
        assert ended.is_set()


async def test_closing_never_leaves_an_exception_that_nobody_retrieved() -> None:
    problems: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))

    class Raises(PeerConnectionHandler):
        async def on_connection_state_change(self, state: ConnectionState) -> None:
            raise ValueError(state)

        async def on_error(self, error: Exception, where: str) -> None:
            pass

    async with connected_pair([Raises()], [Raises()]) as pair:
        await pair.channel()
    del pair
    gc.collect()
    await asyncio.sleep(0)
    assert problems == []
