"""The driver drains after each mutation, arms one timer, and lets go of everything."""

import gc
import socket
import weakref
from collections.abc import Collection

import pytest

from purertc.driver import Driver
from purertc.network import OwnSocket
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.events import Event, GatheringWanted, NegotiationNeeded, SignalingStateChanged
from purertc.sansio.types import ConnectionState, Datagram, SignalingState, Transmit
from tests.support.fake_peer import FakePeer, Owner
from tests.support.fake_runtime import FakeRuntime, FakeUdpSocket

ELSEWHERE = ("192.0.2.1", 9)


class OneSocket:
    """Binds a socket of this machine."""

    def __init__(self, runtime: FakeRuntime) -> None:
        self._runtime = RuntimeSource(runtime)

    def hosts(self) -> list[str]:
        return ["127.0.0.1"]

    def bind(self, besides: Collection[str] = ()) -> list[OwnSocket]:
        assert not besides
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        return [OwnSocket(self._runtime, sock)]


class Setup:
    """A driver with one bound socket."""

    def __init__(self) -> None:
        self.runtime, self.peer, self.owner = FakeRuntime(), FakePeer(), Owner()
        self.driver = Driver(
            self.peer, RuntimeSource(self.runtime), self.owner, OneSocket(self.runtime)
        )
        self.peer.events.append(GatheringWanted())
        self.driver.drain()
        self.driver.gather_soon()
        self.runtime.timers.pop().fire()
        self.socket: FakeUdpSocket = self.runtime.sockets[0]
        self.peer.calls.clear()
        self.owner.progress = 0

    def transmit(self, payload: bytes) -> Transmit:
        return Transmit(payload, ELSEWHERE, self.socket.local)


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_gathering_binds_sockets_and_tells_the_peer() -> None:
    setup = Setup()
    assert setup.peer.locals == [setup.socket.local]
    assert setup.owner.events == []


def test_gathering_waits_for_a_turn_of_the_loop() -> None:
    runtime, peer = FakeRuntime(), FakePeer()
    owner = Owner()
    driver = Driver(peer, RuntimeSource(runtime), owner, OneSocket(runtime))
    driver.gather_soon()
    assert runtime.timers == []
    peer.events.append(GatheringWanted())
    driver.drain()
    driver.gather_soon()
    assert not runtime.sockets
    assert driver.has_resources
    driver.close()
    (timer,) = runtime.timers
    assert timer.closed
    assert not runtime.sockets


def test_a_drain_sends_everything_then_tells_events_in_order(setup: Setup) -> None:
    setup.peer.to_send.extend(
        [[setup.transmit(b"1"), setup.transmit(b"2")], [setup.transmit(b"3")]]
    )
    events: list[Event] = [NegotiationNeeded(), SignalingStateChanged(SignalingState.STABLE)]
    setup.peer.events.extend(events)
    sent_at_first_event: list[bytes] = []
    setup.owner.on_event = lambda _: sent_at_first_event.extend(setup.socket.sent)
    setup.driver.drain()
    assert sent_at_first_event[:3] == [b"1", b"2", b"3"]
    assert setup.owner.events == events
    assert setup.owner.progress == 1


def test_a_mutation_inside_an_event_is_drained_by_the_outer_drain(setup: Setup) -> None:
    trace: list[str] = []

    def on_event(event: Event) -> None:
        if isinstance(event, NegotiationNeeded):
            setup.peer.to_send.append([setup.transmit(b"inner")])
            setup.peer.events.append(SignalingStateChanged(SignalingState.STABLE))
            setup.driver.drain()
            trace.append(f"returned with {setup.socket.sent}")

    setup.owner.on_event = on_event
    setup.peer.events.append(NegotiationNeeded())
    setup.driver.drain()
    assert trace == ["returned with []"]
    assert setup.socket.sent == [b"inner"]
    assert len(setup.owner.events) == 2


def test_a_burst_of_datagrams_is_one_mutation_and_one_drain(setup: Setup) -> None:
    setup.socket.on_datagrams([Datagram(b"x", ELSEWHERE, setup.socket.local)] * 5)
    assert setup.peer.calls == ["receive 5 at 100.0"]
    assert setup.owner.progress == 1


def test_a_full_socket_stops_the_producer_until_it_is_writable(setup: Setup) -> None:
    setup.socket.room = 1
    setup.peer.to_send.extend(
        [[setup.transmit(b"1"), setup.transmit(b"2")], [setup.transmit(b"3")]]
    )
    setup.driver.drain()
    assert setup.socket.sent == [b"1"]
    assert len(setup.peer.to_send) == 1
    setup.driver.drain()
    assert len(setup.peer.to_send) == 1
    setup.socket.room = None
    setup.socket.on_writable()
    assert setup.socket.sent == [b"1", b"2", b"3"]


def test_the_timer_follows_the_earliest_deadline(setup: Setup) -> None:
    setup.peer.deadline = 105.0
    setup.driver.drain()
    (timer,) = setup.runtime.timers
    assert timer.deadline == 105.0
    setup.peer.deadline = 103.0
    setup.driver.drain()
    assert timer.deadline == 103.0
    setup.runtime.time = 103.0
    timer.fire()
    assert setup.peer.calls == ["timeout at 103.0"]


def test_a_timer_is_moved_back_at_once_but_not_with_each_packet(setup: Setup) -> None:
    setup.peer.deadline = 105.0
    setup.driver.drain()
    (timer,) = setup.runtime.timers
    deadlines = []
    for setup.runtime.time, setup.peer.deadline in (
        (100.0, 106.0),
        (100.1, 107.0),
        (100.2, 108.0),
        (100.3, 109.0),
        (100.9, 109.1),
    ):
        setup.driver.drain()
        deadlines.append(timer.deadline)
    assert deadlines == [106.0, 106.0, 106.0, 109.0, 109.0]


def test_a_deadline_that_moved_back_a_little_does_not_fire_early(setup: Setup) -> None:
    setup.peer.deadline = 105.0
    setup.driver.drain()
    setup.peer.deadline = 105.2
    setup.driver.drain()
    (timer,) = setup.runtime.timers
    setup.runtime.time = 105.0
    timer.fire()
    assert setup.peer.calls == []
    assert timer.deadline == 105.2


def test_a_timer_that_fires_within_the_clock_resolution_counts_as_due(setup: Setup) -> None:
    setup.peer.deadline = 105.0
    setup.driver.drain()
    setup.runtime.time = 105.0 - 1e-9
    setup.runtime.timers[0].fire()
    assert setup.peer.calls == ["timeout at 105.0"]


def test_what_is_to_be_flushed_soon_leaves_together(setup: Setup) -> None:
    for number in range(3):
        setup.peer.to_send.append([setup.transmit(b"%d" % number)])
        setup.driver.flush_soon()
    assert setup.socket.sent == []
    (flush,) = setup.runtime.timers
    flush.fire()
    assert setup.socket.sent == [b"0", b"1", b"2"]
    assert setup.owner.progress == 1
    assert flush.deadline is None


def test_transmits_are_asked_for_again_only_while_there_may_be_more(setup: Setup) -> None:
    setup.peer.asked = 0
    setup.peer.to_send.extend([[setup.transmit(b"1")], [setup.transmit(b"2")]])
    setup.driver.drain()
    assert setup.socket.sent == [b"1", b"2"]
    assert setup.peer.asked == 2


def test_a_socket_that_dies_is_taken_from_the_peer(setup: Setup) -> None:
    setup.socket.on_error(OSError("gone"))
    assert setup.peer.locals == []
    assert setup.socket.closed
    setup.socket.on_error(OSError("gone twice"))
    assert not setup.driver.released


def test_what_is_for_a_dead_socket_is_dropped(setup: Setup) -> None:
    setup.peer.to_send.append([Transmit(b"x", ELSEWHERE, ("127.0.0.1", 1)), setup.transmit(b"y")])
    setup.driver.drain()
    assert setup.socket.sent == [b"y"]


def test_close_sends_goodbyes_and_releases_everything(setup: Setup) -> None:
    setup.peer.deadline = 105.0
    setup.driver.flush_soon()
    setup.driver.drain()
    setup.peer.to_send.append([setup.transmit(b"bye")])
    setup.driver.close()
    setup.driver.close()
    assert setup.peer.calls == ["close"]
    assert setup.socket.sent == [b"bye"]
    assert setup.socket.closed
    assert [timer.closed for timer in setup.runtime.timers] == [True, True]
    assert setup.owner.released == 1


def test_close_inside_an_event_is_finished_by_the_outer_drain(setup: Setup) -> None:
    setup.owner.on_event = lambda _: setup.driver.close()
    setup.peer.events.append(NegotiationNeeded())
    setup.driver.drain()
    assert setup.peer.calls == ["close"]
    assert setup.socket.closed


def test_a_peer_that_closed_by_itself_is_released(setup: Setup) -> None:
    setup.peer.connection_state = ConnectionState.CLOSED
    setup.socket.on_datagrams([])
    assert setup.driver.released
    assert setup.socket.closed


def test_release_needs_no_loop(setup: Setup) -> None:
    setup.driver.release()
    setup.driver.release()
    assert setup.peer.calls == []
    assert setup.socket.closed
    assert setup.owner.released == 1


def test_after_the_release_nothing_happens_any_more(setup: Setup) -> None:
    setup.peer.deadline = 105.0
    setup.driver.drain()
    setup.driver.close()
    setup.driver.drain()
    setup.driver.flush_soon()
    assert all(timer.deadline is None for timer in setup.runtime.timers)


def test_the_driver_does_not_keep_its_owner() -> None:
    setup = Setup()
    owner = weakref.ref(setup.owner)
    gc.disable()
    try:
        del setup.owner
        assert owner() is None
    finally:
        gc.enable()
    setup.peer.events.append(NegotiationNeeded())
    setup.driver.drain()
    assert not setup.peer.events
