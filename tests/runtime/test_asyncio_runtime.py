"""Each primitive of the runtime does what its protocol says, on each loop."""

import asyncio
import socket

import pytest

from purertc.errors import RuntimeUnavailable
from purertc.runtime.asyncio import AsyncioRuntime
from purertc.runtime.base import Runtime
from purertc.runtime.detect import RuntimeSource, detect_runtime
from purertc.sansio.types import Datagram, Transmit


def test_there_is_no_runtime_outside_a_loop() -> None:
    with pytest.raises(RuntimeUnavailable, match="coroutine"):
        detect_runtime()
    with pytest.raises(RuntimeUnavailable, match="coroutine"):
        AsyncioRuntime().now()


async def test_the_running_loop_is_found_once() -> None:
    source = RuntimeSource()
    runtime = source.get()
    assert runtime.name == "asyncio"
    assert source.get() is runtime
    assert abs(runtime.now() - asyncio.get_running_loop().time()) < 1


async def test_a_runtime_made_outside_uses_the_loop_of_its_first_use() -> None:
    runtime: Runtime = AsyncioRuntime()
    assert abs(runtime.now() - asyncio.get_running_loop().time()) < 1


async def test_a_task_starts_after_spawn_and_is_kept_alive() -> None:
    steps = []
    done = asyncio.Event()

    async def body() -> None:
        steps.append("started")
        await asyncio.sleep(0)
        steps.append("ended")
        done.set()

    handle = AsyncioRuntime().spawn(body(), name="test")
    assert steps == []
    await done.wait()
    await asyncio.sleep(0)
    assert steps == ["started", "ended"]
    assert handle.done()


async def test_a_timer_fires_once_and_can_be_moved() -> None:
    runtime = AsyncioRuntime()
    fired = asyncio.Event()
    count = 0

    def callback() -> None:
        nonlocal count
        count += 1
        fired.set()

    timer = runtime.new_timer(callback)
    timer.schedule(runtime.now() + 1000)
    timer.schedule(runtime.now())
    assert count == 0
    await fired.wait()
    await asyncio.sleep(0)
    assert count == 1


async def test_a_cancelled_or_closed_timer_does_not_fire() -> None:
    runtime = AsyncioRuntime()
    calls: list[str] = []
    cancelled = runtime.new_timer(lambda: calls.append("cancelled"))
    closed = runtime.new_timer(lambda: calls.append("closed"))
    for timer in (cancelled, closed):
        timer.schedule(runtime.now())
    cancelled.cancel()
    closed.close()
    closed.schedule(runtime.now())
    await asyncio.sleep(0.001)
    assert calls == []


async def test_cancelling_one_waiter_leaves_the_others() -> None:
    event = AsyncioRuntime().new_event()
    first, second = (asyncio.ensure_future(event.wait()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    event.set()
    await second
    assert event.is_set()
    assert first.cancelled()


async def test_a_callback_from_another_thread_runs_in_the_loop() -> None:
    runtime = AsyncioRuntime(asyncio.get_running_loop())
    called = asyncio.Event()
    assert await asyncio.to_thread(runtime.run_threadsafe, called.set)
    await called.wait()


def test_a_closed_loop_takes_no_callback() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    assert not AsyncioRuntime(loop).run_threadsafe(print)


class Received:
    """What two watched sockets tell."""

    def __init__(self) -> None:
        self.datagrams: list[Datagram] = []
        self.errors: list[OSError] = []
        self.writable = 0
        self.something = asyncio.Event()

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
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock


async def test_a_watched_socket_delivers_and_closes() -> None:
    runtime, received = AsyncioRuntime(), Received()
    callbacks = received.on_datagrams, received.on_writable, received.on_error
    raw = bound()
    left = runtime.wrap_udp_socket(raw, *callbacks)
    right = runtime.wrap_udp_socket(bound(), *callbacks)
    assert left.send(Transmit(b"hello", right.local, left.local))
    await received.something.wait()
    assert received.datagrams == [Datagram(b"hello", left.local, right.local)]
    left.close()
    left.close()
    right.close()
    assert raw.fileno() == -1


async def test_a_socket_without_room_says_when_it_has_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime, received = AsyncioRuntime(), Received()
    watched = runtime.wrap_udp_socket(
        bound(), received.on_datagrams, received.on_writable, received.on_error
    )
    transmit = Transmit(b"x", ("127.0.0.1", 9), watched.local)
    with monkeypatch.context() as patch:
        patch.setattr("purertc.runtime.udp.UdpEndpoint.send", lambda *_: False)
        assert not watched.send(transmit)
    await received.something.wait()
    await asyncio.sleep(0)
    assert received.writable == 1
    watched.close()


async def test_a_socket_that_dies_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime, received = AsyncioRuntime(), Received()
    callbacks = received.on_datagrams, received.on_writable, received.on_error
    left = runtime.wrap_udp_socket(bound(), *callbacks)
    right = runtime.wrap_udp_socket(bound(), *callbacks)

    def dead(_: object) -> list[Datagram]:
        raise OSError("gone")

    monkeypatch.setattr("purertc.runtime.udp.UdpEndpoint.receive", dead)
    left.send(Transmit(b"x", right.local, left.local))
    await received.something.wait()
    assert [str(error) for error in received.errors] == ["gone"]
    left.close()
    right.close()
