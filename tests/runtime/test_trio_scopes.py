"""Under trio a connection is structured: its tasks end with its scope, cancelled or not."""

import socket
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest
import trio
import trio.testing

from purertc.data_channel import DataChannel
from purertc.errors import ChannelClosed, ConnectionFailed, RuntimeUnavailable
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.runtime.detect import detect_runtime
from purertc.runtime.trio import TrioRuntime
from purertc.sansio.types import ConnectionState, SignalingState
from tests.support.on_trio import Echo, connect, run, task_names


def test_two_connections_talk_and_leave_nothing() -> None:
    async def main() -> None:
        async with trio.open_nursery(), PeerConnection() as left, PeerConnection(Echo()) as right:
            channel = await connect(left, right)
            await channel.send("hello")
            assert await channel.receive() == "hello"
            assert len(task_names()) > 4
        assert left.connection_state is right.connection_state is ConnectionState.CLOSED

    run(main)


def test_an_exit_stack_works_as_well() -> None:
    async def main() -> None:
        async with AsyncExitStack() as stack:
            left = await stack.enter_async_context(PeerConnection())
            right = await stack.enter_async_context(
                await PeerConnection.builder().with_handler(Echo()).build()
            )
            channel = await connect(left, right)
            await channel.send("hello")
            assert await channel.receive() == "hello"

    run(main)


def test_an_error_in_the_body_passes_as_it_is() -> None:
    async def fail() -> None:
        async with PeerConnection() as left, PeerConnection(Echo()) as right:
            await connect(left, right)
            raise ZeroDivisionError

    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await fail()

    run(main)


def test_cancelling_around_a_connection_closes_it_and_tells_the_other_side() -> None:
    steps: list[str] = []

    class Slow(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            try:
                await trio.sleep_forever()
            finally:
                steps.append("handler cancelled")

    async def main() -> None:
        async with PeerConnection() as left:
            with trio.CancelScope() as scope:
                async with PeerConnection(Slow()) as right:
                    await connect(left, right)
                    await trio.testing.wait_all_tasks_blocked()
                    scope.cancel()
                    await trio.sleep_forever()
            assert scope.cancelled_caught
            assert right.connection_state is ConnectionState.CLOSED
            assert steps == ["handler cancelled"]
            with trio.fail_after(1):
                await left.closed()

    run(main)


def test_a_cancel_that_comes_while_leaving_is_seen_at_the_end() -> None:
    class Slow(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            await trio.sleep_forever()

    async def main() -> None:
        async with PeerConnection() as left:
            with trio.CancelScope() as scope:
                async with PeerConnection(Slow()) as right:
                    await connect(left, right)
                    await trio.testing.wait_all_tasks_blocked()
                    scope.cancel()
            assert scope.cancelled_caught

    run(main)


def test_handlers_get_their_grace_when_the_body_ends() -> None:
    times: list[float] = []

    class Slow(PeerConnectionHandler):
        async def on_data_channel(self, channel: DataChannel) -> None:
            try:
                await trio.sleep_forever()
            finally:
                times.append(trio.current_time())

    async def main() -> None:
        async with PeerConnection() as left:
            async with PeerConnection(Slow()) as right:
                await connect(left, right)
                await trio.testing.wait_all_tasks_blocked()
                left_at = trio.current_time()
            assert times == [pytest.approx(left_at + 1)]

    run(main)


def test_a_wait_may_be_given_up_and_loses_no_message() -> None:
    async def main() -> None:
        async with PeerConnection() as left, PeerConnection(Echo()) as right:
            channel = await connect(left, right)
            with trio.move_on_after(0.5) as scope:
                await channel.receive()
            assert scope.cancelled_caught
            await channel.send("late")
            assert await channel.receive() == "late"
            for wait in (left.closed, right.closed):
                with trio.move_on_after(0.1) as scope:
                    await wait()
                assert scope.cancelled_caught
            assert left.connection_state is ConnectionState.CONNECTED

    run(main)


def test_a_vanished_peer_is_noticed_on_the_clock_of_trio() -> None:
    class Times(PeerConnectionHandler):
        def __init__(self) -> None:
            self.times: dict[ConnectionState, float] = {}
            self.failed = trio.Event()

        async def on_connection_state_change(self, state: ConnectionState) -> None:
            self.times[state] = trio.current_time()
            if state is ConnectionState.FAILED:
                self.failed.set()

    async def main() -> None:
        seen = Times()
        async with PeerConnection(seen) as left, PeerConnection(Echo()) as right:
            await connect(left, right)
            vanished = trio.current_time()
            right._endpoint.driver.release()
            with trio.fail_after(60):
                await seen.failed.wait()
            assert 3 < seen.times[ConnectionState.DISCONNECTED] - vanished < 8
            assert 25 < seen.times[ConnectionState.FAILED] - vanished < 45
            with pytest.raises(ConnectionFailed):
                await left.connected()

    run(main)


def test_without_a_nursery_the_error_says_what_to_write() -> None:
    async def main() -> None:
        pc = PeerConnection()
        with pytest.raises(RuntimeUnavailable, match="async with PeerConnection"):
            pc.create_data_channel("early")
        with pytest.raises(RuntimeUnavailable, match=r"TrioRuntime\(nursery\)"):
            await pc.set_local_description()
        assert pc.signaling_state is SignalingState.STABLE
        async with pc:
            pc.create_data_channel("now it works")
            await pc.set_local_description()

    run(main)


def test_the_runtime_of_one_connection_serves_no_second() -> None:
    async def main() -> None:
        runtime = TrioRuntime()
        async with PeerConnection(runtime=runtime):
            with pytest.raises(RuntimeUnavailable, match="make one for each"):
                async with PeerConnection(runtime=runtime):
                    raise AssertionError("entered")

    run(main)


def test_a_given_nursery_serves_connections_without_async_with() -> None:
    async def main() -> None:
        async with trio.open_nursery() as nursery:
            runtime = TrioRuntime(nursery)
            left = PeerConnection(runtime=runtime)
            right = (
                await PeerConnection.builder().with_handler(Echo()).with_runtime(runtime).build()
            )
            channel = await connect(left, right)
            await channel.send("hello")
            assert await channel.receive() == "hello"
            await left.close()
            with trio.fail_after(1):
                await right.closed()

    run(main)


def test_a_given_nursery_that_is_cancelled_closes_its_connections() -> None:
    async def main() -> None:
        async with PeerConnection() as left:
            async with trio.open_nursery() as nursery:
                right = PeerConnection(Echo(), runtime=TrioRuntime(nursery))
                channel = await connect(left, right)
                nursery.cancel_scope.cancel()
            assert right.connection_state is ConnectionState.CLOSED
            with trio.fail_after(1):
                await right.closed()
                await left.closed()
            with pytest.raises(ChannelClosed):
                await channel.receive()

    run(main)


def test_a_connection_dropped_in_a_given_nursery_is_closed_and_warned_about() -> None:
    async def main() -> None:
        async with trio.open_nursery() as nursery:
            pc = PeerConnection(runtime=TrioRuntime(nursery))
            pc.create_data_channel("test")
            await pc.set_local_description()
            await trio.testing.wait_all_tasks_blocked()
            holders = [pc]
            del pc
            with pytest.warns(ResourceWarning, match="dropped without close"):
                holders.clear()

    run(main)


def test_a_connection_dropped_after_trio_ended_frees_its_sockets() -> None:
    kept: list[PeerConnection] = []
    descriptors: list[socket.socket] = []

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            pc = PeerConnection(runtime=TrioRuntime(nursery))
            pc.create_data_channel("test")
            await pc.set_local_description()
            await pc.gathering_complete()
            watched: list[Any] = list(pc._endpoint.driver._sockets.values())
            for each in watched:
                descriptors.append(each._endpoint._socket)
                each.tells_of_cancellation = False
            kept.append(pc)
            nursery.cancel_scope.cancel()

    trio.run(main)
    assert all(each.fileno() >= 0 for each in descriptors)
    with pytest.warns(ResourceWarning, match="dropped without close"):
        kept.clear()
    assert descriptors
    assert all(each.fileno() == -1 for each in descriptors)


def test_nothing_can_be_started_after_the_scope() -> None:
    async def main() -> None:
        runtime = TrioRuntime()
        async with PeerConnection(runtime=runtime) as pc:
            pass

        async def body() -> None:
            raise AssertionError("started")

        with pytest.raises(RuntimeUnavailable, match="has ended"):
            runtime.spawn(body(), name="late")
        with pytest.raises(RuntimeUnavailable, match="has ended"):
            runtime.new_timer(pc.start_close)
        assert runtime.now() == trio.current_time()

    run(main)


def test_a_token_of_a_finished_run_takes_no_callback() -> None:
    runtimes: list[TrioRuntime] = []

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            runtimes.append(TrioRuntime(nursery))

    run(main)
    assert not runtimes[0].run_threadsafe(print)
    assert not TrioRuntime().run_threadsafe(print)


def test_trio_is_found_only_in_its_tasks() -> None:
    async def main() -> None:
        assert detect_runtime().name == "trio"
        with pytest.raises(RuntimeUnavailable, match="coroutine"):
            await trio.to_thread.run_sync(detect_runtime)

    trio.run(main)
    with pytest.raises(RuntimeUnavailable, match="asyncio or trio"):
        detect_runtime()
    with pytest.raises(RuntimeUnavailable, match="trio is not running"):
        trio.run(partial(trio.to_thread.run_sync, partial(TrioRuntime, object())))  # type: ignore[arg-type]  # no nursery is needed to find no trio
