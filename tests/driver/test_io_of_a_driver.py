"""What a driver does for its peer beside datagrams, and that nothing of it stays behind."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from purertc.driver import Driver
from purertc.network import OwnSockets
from purertc.runtime.base import Runtime, ServesTcp, TcpStream
from purertc.runtime.detect import RuntimeSource, detect_runtime
from purertc.sansio.config import Configuration
from purertc.sansio.events import (
    Event,
    GatheringWanted,
    HostNameWanted,
    LookupWanted,
    StreamOutput,
    StreamUnwanted,
    StreamWanted,
)
from purertc.sansio.network_settings import IceTcpPolicy, NetworkSettings
from purertc.sansio.streams import Stream
from purertc.sansio.types import Address, ConnectionState
from tests.support.all_runtimes import on_all_runtimes
from tests.support.fake_peer import FakePeer, Owner
from tests.support.leftovers import Leftovers, leftovers_of, leftovers_on_trio
from tests.support.runtimes import Mailbox, other_tasks, running, turns, within

SETTINGS = NetworkSettings(ice_tcp=IceTcpPolicy.PASSIVE)


class GoodbyePeer(FakePeer):
    """Sends something over its stream when it closes, as a TURN client does."""

    def __init__(self) -> None:
        super().__init__()
        self.stream: Stream | None = None
        self.goodbye = b"bye"

    def close(self, now: float) -> None:
        super().close(now)
        if self.stream is not None:
            self.events.append(StreamOutput(self.stream, self.goodbye))
            self.events.append(StreamUnwanted(self.stream))


class Setup:
    """A driver, on the runtime of the test or the one that runs."""

    def __init__(self, runtime: Runtime | None = None) -> None:
        self.peer, self.owner = GoodbyePeer(), Owner()
        self.source = RuntimeSource(runtime or detect_runtime())
        configuration = Configuration(include_loopback=True, network=SETTINGS)
        sockets = OwnSockets(self.source, configuration)
        self.driver = Driver(self.peer, self.source, self.owner, sockets, SETTINGS)

    def ask(self, *events: Event) -> None:
        self.peer.events.extend(events)
        self.driver.drain()

    async def open(self, remote: Address, accepted: Mailbox[TcpStream]) -> TcpStream:
        self.peer.stream = Stream(remote)
        self.ask(StreamWanted(self.peer.stream))
        other = await accepted.get()
        while not any("opened" in call for call in self.peer.calls):
            await self.turn()
        return other

    async def turn(self) -> None:
        """Let the loop do what is ready."""
        runtime = self.source.get()
        awake = runtime.new_event()
        timer = runtime.new_timer(awake.set)
        timer.schedule(runtime.now())
        await awake.wait()
        timer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Address, Mailbox[TcpStream]]]:
    runtime = running()
    assert isinstance(runtime, ServesTcp)
    accepted: Mailbox[TcpStream] = Mailbox()
    listener = await within(runtime.serve_tcp(("127.0.0.1", 0), accepted.put))
    yield listener.local, accepted
    listener.close()
    await turns()


@on_all_runtimes
async def test_the_last_words_leave_before_the_owner_hears_of_the_release() -> None:
    setup = Setup(running())
    async with listening() as (address, accepted):
        other = await within(setup.open(address, accepted))
        had_resources = setup.driver.has_resources
        setup.driver.close()
        assert (had_resources, setup.driver.has_resources) == (True, False)
        setup.driver.close()
        setup.driver.drain()
        while not setup.driver.released:
            await turns(1)
        assert setup.owner.released == 1
        assert await within(other.receive_some()) == b"bye"
        assert await within(other.receive_some()) == b""
        other.close()
    assert [name for name in other_tasks() if "purertc" in name] == []


def run_asyncio(body: Callable[[Setup], object]) -> None:
    async def main() -> None:
        setup = Setup()
        body(setup)
        setup.driver.close()
        assert setup.driver.released
        await asyncio.sleep(0)

    asyncio.run(main())


def test_without_streams_the_release_is_immediate() -> None:
    run_asyncio(lambda setup: setup.ask(LookupWanted("127.0.0.1", 1)))
    run_asyncio(lambda setup: setup.ask(StreamWanted(Stream(("127.0.0.1", 9)))))
    run_asyncio(lambda setup: setup.ask(GatheringWanted()))


def test_answers_reach_the_peer_and_the_owner() -> None:
    async def main() -> None:
        setup = Setup()
        setup.ask(LookupWanted("127.0.0.1", 7))
        while not setup.peer.calls:
            await setup.turn()
        assert setup.peer.calls == ["127.0.0.1:7 is [('127.0.0.1', 7)]"]
        assert setup.owner.progress == 2
        assert setup.owner.events == []
        setup.driver.close()

    asyncio.run(main())


def test_host_names_are_announced_until_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    trace: list[str] = []

    class Announcer:
        def __init__(self, runtime: object) -> None:
            trace.append("made")

        def announce(self, name: str, host: str) -> None:
            trace.append(f"{name} is {host}")

        def close(self) -> None:
            trace.append("closed")

    monkeypatch.setattr("purertc.io_requests.Announcer", Announcer)
    names = [HostNameWanted("a.local", "192.0.2.1"), HostNameWanted("b.local", "192.0.2.2")]
    run_asyncio(lambda setup: setup.ask(*names))
    assert trace == ["made", "a.local is 192.0.2.1", "b.local is 192.0.2.2", "closed"]


async def use() -> None:
    """Use all that there is, and close in the middle of it."""
    setup = Setup()
    setup.peer.goodbye = bytes(100_000)
    runtime = setup.source.get()
    assert isinstance(runtime, ServesTcp)
    accepted: list[TcpStream] = []
    listener = await runtime.serve_tcp(("127.0.0.1", 0), accepted.append)
    setup.ask(GatheringWanted(), LookupWanted("127.0.0.1", 1))
    setup.driver.gather_soon()
    while not setup.peer.listeners:
        await setup.turn()
    stream = setup.peer.stream = Stream(listener.local)
    setup.ask(StreamWanted(stream), StreamWanted(Stream(listener.local, server_name="a.example")))
    mine = next(each for each in setup.peer.listeners if each[0] == "127.0.0.1")
    strangers = [await runtime.connect_tcp(mine) for _ in range(2)]
    while not setup.peer.accepted or not any("opened" in call for call in setup.peer.calls):
        await setup.turn()
    setup.ask(
        StreamOutput(stream, b"x" * 200_000),
        StreamWanted(Stream(listener.local)),
        StreamWanted(Stream(("127.0.0.1", 9), server_name="b.example")),
        LookupWanted("127.0.0.1", 2),
    )
    setup.driver.close()
    while not setup.driver.released:
        await setup.turn()
    listener.close()
    for _ in range(5):
        await setup.turn()
    for each in [*strangers, *accepted]:
        with suppress(OSError):
            while await each.receive_some():
                pass
        each.close()
    for _ in range(20):
        await setup.turn()


@pytest.fixture
def without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the certificates of authorities at once: a thread ends when it likes."""

    async def at_once(_: Runtime, function: Callable[..., object], *arguments: object) -> object:
        return function(*arguments)

    monkeypatch.setattr("purertc.runtime.asyncio.AsyncioRuntime.run_in_thread", at_once)
    monkeypatch.setattr("purertc.runtime.trio.TrioRuntime.run_in_thread", at_once)


def left_on_trio() -> Leftovers:
    async def in_a_nursery() -> None:
        import trio  # noqa: PLC0415

        from purertc.runtime.detect import running_runtime  # noqa: PLC0415
        from purertc.runtime.trio import TrioRuntime  # noqa: PLC0415

        async with trio.open_nursery() as nursery:
            token = running_runtime.set(TrioRuntime(nursery))
            try:
                await use()
            finally:
                running_runtime.reset(token)
                nursery.cancel_scope.cancel()

    return leftovers_on_trio(in_a_nursery, warm_up=2)


@pytest.mark.usefixtures("without_threads")
def test_nothing_is_left_on_asyncio() -> None:
    left = leftovers_of(use, warm_up=2)
    # Transports of asyncio refer to themselves, and so keep their closed sockets for a while.
    left.pop("socket.socket", None)
    assert left == {}


@pytest.mark.usefixtures("without_threads")
def test_nothing_is_left_on_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")
    assert leftovers_of(use, warm_up=2, loop_factory=uvloop.new_event_loop) == {}


@pytest.mark.usefixtures("without_threads")
def test_nothing_is_left_on_trio() -> None:
    assert left_on_trio() == {}


def test_a_driver_whose_loop_has_ended_is_released_without_it() -> None:
    setups: list[Setup] = []

    async def main() -> None:
        setup = Setup()
        setups.append(setup)
        setup.ask(LookupWanted("127.0.0.1", 1), StreamWanted(Stream(("127.0.0.1", 9))))

    asyncio.run(main())
    setup = setups.pop()
    setup.driver.release()
    assert setup.driver.released
    assert setup.owner.released == 1
    driver = weakref.ref(setup.driver)
    gc.collect()
    gc.disable()
    try:
        del setup
        assert driver() is None
    finally:
        gc.enable()


def test_a_peer_that_closed_itself_says_goodbye_too() -> None:
    async def main() -> None:
        setup = Setup()
        setup.ask(StreamWanted(Stream(("127.0.0.1", 9))))
        setup.peer.connection_state = ConnectionState.CLOSED
        setup.driver.drain()
        assert setup.driver.released
        await asyncio.sleep(0)

    asyncio.run(main())
