"""Each primitive does what the runtime protocol says, on every runtime."""

import socket
import threading

import pytest

from purertc.runtime.base import Event
from purertc.runtime.detect import detect_runtime
from purertc.sansio.types import Datagram, Transmit
from purertc.testing import VirtualRuntime
from tests.support.runtimes import (
    Cancelled,
    new_event,
    on_each_runtime,
    on_each_runtime_of_this_machine,
    on_each_runtime_without_scope,
    running,
    sleep,
    start,
    turns,
    within,
)


@on_each_runtime_without_scope
async def test_the_running_loop_is_found() -> None:
    assert detect_runtime().name == running().name
    assert abs(detect_runtime().now() - running().now()) < 1


@on_each_runtime
async def test_a_task_starts_after_spawn_and_ends() -> None:
    steps = []
    ended = new_event()

    async def body() -> None:
        steps.append("started")
        await sleep(0)
        steps.append("ended")
        ended.set()

    handle = running().spawn(body(), name="test")
    assert steps == []
    assert not handle.done()
    await within(_wait(ended))
    await turns()
    assert steps == ["started", "ended"]
    assert handle.done()


async def _wait(event: Event) -> None:
    await event.wait()


@on_each_runtime
async def test_a_cancelled_task_is_told_where_it_waits() -> None:
    never = new_event()
    steps = []

    async def body() -> None:
        try:
            await never.wait()
        finally:
            steps.append(handle.cancelling())

    handle = running().spawn(body(), name="test")
    await turns()
    assert not handle.cancelling()
    handle.cancel()
    await turns()
    assert [bool(each) for each in steps] == [True]
    assert handle.done()
    handle.cancel()


@on_each_runtime
async def test_a_task_may_end_well_after_its_cancellation() -> None:
    never = new_event()

    async def body() -> str:
        try:
            await never.wait()
        finally:
            return "ended well"  # noqa: B012  # the cancellation is what is swallowed here

    task = start(body())
    await turns()
    task.cancel()
    assert await task.result() == "ended well"


@on_each_runtime
async def test_cancelling_one_waiter_leaves_the_others() -> None:
    event = new_event()
    first, second = start(_wait(event)), start(_wait(event))
    await turns()
    first.cancel()
    await turns()
    assert not second.done()
    event.set()
    await second.result()
    with pytest.raises(Cancelled):
        await first.result()
    assert event.is_set()
    await within(_wait(event))


@on_each_runtime
async def test_a_timer_fires_once_and_can_be_moved() -> None:
    runtime, fired = running(), new_event()
    times: list[float] = []

    def callback() -> None:
        times.append(runtime.now())
        fired.set()

    timer = runtime.new_timer(callback)
    timer.schedule(runtime.now() + 1000)
    timer.schedule(runtime.now())
    assert times == []
    await within(_wait(fired))
    await turns()
    assert len(times) == 1
    timer.close()


@on_each_runtime
async def test_a_timer_can_be_scheduled_again_by_its_own_callback() -> None:
    runtime, fired = running(), new_event()
    count = 0

    def callback() -> None:
        nonlocal count
        count += 1
        if count == 3:
            fired.set()
        else:
            timer.schedule(runtime.now() + 0.001)

    timer = runtime.new_timer(callback)
    timer.schedule(runtime.now() + 0.001)
    await within(_wait(fired))
    timer.close()
    await turns()
    assert count == 3


@on_each_runtime
async def test_a_timer_never_fires_early() -> None:
    runtime, fired = running(), new_event()
    deadline = runtime.now() + 0.02
    late: list[float] = []

    def callback() -> None:
        late.append(runtime.now() - deadline)
        fired.set()

    timer = runtime.new_timer(callback)
    timer.schedule(deadline)
    await within(_wait(fired))
    assert late[0] > -0.001
    timer.close()


@on_each_runtime
async def test_a_cancelled_or_closed_timer_does_not_fire() -> None:
    runtime = running()
    calls: list[str] = []
    cancelled = runtime.new_timer(lambda: calls.append("cancelled"))
    closed = runtime.new_timer(lambda: calls.append("closed"))
    moved = runtime.new_timer(lambda: calls.append("moved"))
    for timer in (cancelled, closed, moved):
        timer.schedule(runtime.now())
    cancelled.cancel()
    closed.close()
    closed.schedule(runtime.now())
    moved.schedule(runtime.now() + 1000)
    await turns()
    assert calls == []
    cancelled.schedule(runtime.now())
    await turns()
    assert calls == ["cancelled"]
    cancelled.close()
    moved.close()


@on_each_runtime
async def test_a_callback_from_another_thread_runs_in_the_loop() -> None:
    runtime, called = running(), new_event()
    here = threading.get_ident()
    threads: list[int] = []

    def callback() -> None:
        threads.append(threading.get_ident())
        called.set()

    asked: list[bool] = []
    thread = threading.Thread(target=lambda: asked.append(runtime.run_threadsafe(callback)))
    thread.start()
    await within(_wait(called))
    thread.join()
    assert (threads, asked) == ([here], [True])


class Received:
    """What watched sockets tell."""

    def __init__(self) -> None:
        self.datagrams: list[Datagram] = []
        self.errors: list[OSError] = []
        self.writable = 0
        self.something = new_event()

    def on_datagrams(self, datagrams: list[Datagram]) -> None:
        self.datagrams += datagrams
        self.something.set()

    def on_writable(self) -> None:
        self.writable += 1
        self.something.set()

    def on_error(self, error: OSError) -> None:
        self.errors.append(error)
        self.something.set()


def bound() -> socket.socket:
    runtime = running()
    if isinstance(runtime, VirtualRuntime):
        return runtime.network.bind("127.0.0.1")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock


@on_each_runtime
async def test_a_watched_socket_delivers_and_closes() -> None:
    runtime, received = running(), Received()
    callbacks = received.on_datagrams, received.on_writable, received.on_error
    raw = bound()
    left = runtime.wrap_udp_socket(raw, *callbacks)
    right = runtime.wrap_udp_socket(bound(), *callbacks)
    assert left.send(Transmit(b"hello", right.local, left.local))
    await within(_wait(received.something))
    assert received.datagrams == [Datagram(b"hello", left.local, right.local)]
    for watched in (left, left, right):
        watched.close()
    await turns()
    assert raw.fileno() == -1
    assert received.errors == []


@on_each_runtime
async def test_a_socket_may_be_closed_by_its_own_callback() -> None:
    runtime, received = running(), Received()
    left = runtime.wrap_udp_socket(
        bound(), received.on_datagrams, received.on_writable, received.on_error
    )

    def close(datagrams: list[Datagram]) -> None:
        right.close()
        received.on_datagrams(datagrams)

    right = runtime.wrap_udp_socket(bound(), close, received.on_writable, received.on_error)
    local = right.local
    for number in range(3):
        left.send(Transmit(b"%d" % number, local, left.local))
    await within(_wait(received.something))
    await turns()
    assert received.errors == []
    left.close()


@on_each_runtime_of_this_machine
async def test_a_socket_without_room_says_once_when_it_has_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    received = Received()
    watched = running().wrap_udp_socket(
        bound(), received.on_datagrams, received.on_writable, received.on_error
    )
    transmit = Transmit(b"x", ("127.0.0.1", 9), watched.local)
    with monkeypatch.context() as patch:
        patch.setattr("purertc.runtime.udp.UdpEndpoint.send", lambda *_: False)
        assert not watched.send(transmit)
        assert not watched.send(transmit)
    await within(_wait(received.something))
    await turns()
    assert received.writable == 1
    watched.close()


@on_each_runtime_of_this_machine
async def test_a_socket_without_room_may_be_closed() -> None:
    received = Received()
    watched = running().wrap_udp_socket(
        bound(), received.on_datagrams, received.on_writable, received.on_error
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("purertc.runtime.udp.UdpEndpoint.send", lambda *_: False)
        assert not watched.send(Transmit(b"x", ("127.0.0.1", 9), watched.local))
    watched.close()
    await turns()
    assert (received.writable, received.errors) == (0, [])


@on_each_runtime_of_this_machine
async def test_a_socket_that_dies_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime, received = running(), Received()
    callbacks = received.on_datagrams, received.on_writable, received.on_error
    left = runtime.wrap_udp_socket(bound(), *callbacks)
    right = runtime.wrap_udp_socket(bound(), *callbacks)

    def dead(_: object) -> list[Datagram]:
        raise OSError("gone")

    monkeypatch.setattr("purertc.runtime.udp.UdpEndpoint.receive", dead)
    left.send(Transmit(b"x", right.local, left.local))
    await within(_wait(received.something))
    assert [str(error) for error in received.errors] == ["gone"]
    left.close()
    right.close()
