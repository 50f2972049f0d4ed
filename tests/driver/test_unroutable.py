"""A datagram that finds no way out makes the driver look at the addresses, now and then at most."""

import errno
import socket
import sys
from collections.abc import Collection

import pytest

from purertc.driver import Driver
from purertc.local_addresses import LOOK_INTERVAL
from purertc.network import OwnSocket
from purertc.runtime.detect import RuntimeSource
from purertc.runtime.udp import UdpEndpoint
from purertc.sansio.events import GatheringWanted
from purertc.sansio.types import Transmit
from tests.driver.test_driver import OneSocket
from tests.support.fake_peer import FakePeer, Owner
from tests.support.fake_runtime import FakeRuntime, FakeTimer
from tests.support.runtimes import Mailbox, on_each_runtime_of_this_machine, running, within


class Source(OneSocket):
    """A machine that may lose its only address."""

    def __init__(self, runtime: FakeRuntime) -> None:
        super().__init__(runtime)
        self.looks = 0
        self.up = True

    def hosts(self) -> list[str]:
        self.looks += 1
        return ["127.0.0.1"] if self.up else []

    def bind(self, besides: Collection[str] = ()) -> list[OwnSocket]:
        return [] if self.looks else super().bind()


class Setup:
    def __init__(self) -> None:
        self.runtime, self.peer, self.owner = FakeRuntime(), FakePeer(), Owner()
        self.source = Source(self.runtime)
        self.driver = Driver(self.peer, RuntimeSource(self.runtime), self.owner, self.source)
        self.peer.events.append(GatheringWanted())
        self.driver.drain()
        self.driver.gather_soon()
        self.runtime.timers.pop().fire()

    def fail(self) -> None:
        self.runtime.sockets[0].on_error(OSError(errno.ENETUNREACH, "no way"))

    @property
    def timer(self) -> FakeTimer:
        (timer,) = self.runtime.timers
        return timer


def test_the_socket_lives_on_when_its_address_does() -> None:
    setup = Setup()
    setup.fail()
    setup.fail()
    assert setup.source.looks == 0
    setup.timer.fire()
    assert setup.source.looks == 1
    assert len(setup.peer.locals) == 1
    assert setup.timer.deadline is None
    setup.driver.close()
    assert setup.timer.closed


def test_a_socket_whose_address_is_gone_goes_too() -> None:
    setup = Setup()
    setup.source.up = False
    setup.fail()
    setup.owner.progress = 0
    setup.timer.fire()
    assert setup.peer.locals == []
    assert setup.runtime.sockets[0].closed
    assert setup.owner.progress == 1


def test_failures_are_looked_into_now_and_then_at_most() -> None:
    setup = Setup()
    setup.fail()
    setup.timer.fire()
    setup.fail()
    assert setup.timer.deadline == setup.runtime.time + LOOK_INTERVAL
    setup.runtime.time += 1
    setup.fail()
    assert setup.timer.deadline == 100.0 + LOOK_INTERVAL


@pytest.mark.skipif(sys.platform != "linux", reason="systems differ in what they say")
def test_an_endpoint_tells_that_a_datagram_found_no_way_out() -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    endpoint = UdpEndpoint(sock)
    errors: list[OSError] = []
    endpoint.on_unroutable = errors.append
    assert endpoint.send(Transmit(b"x", ("198.51.100.1", 9), endpoint.local))
    assert endpoint.send(Transmit(b"xxyy", ("198.51.100.1", 9), endpoint.local, segment_size=2))
    endpoint.close()
    assert {error.errno for error in errors} == {errno.ENETUNREACH}
    assert len(errors) == endpoint.dropped
    assert endpoint.on_unroutable is None


@pytest.mark.skipif(sys.platform != "linux", reason="systems differ in what they say")
@on_each_runtime_of_this_machine
async def test_runtimes_tell_it_on() -> None:
    if running().name == "custom":
        return  # it may tell; this one leaves it to the loss of the connection
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    errors: Mailbox[OSError] = Mailbox()
    udp = running().wrap_udp_socket(sock, print, print, errors.put)
    assert udp.send(Transmit(b"x", ("198.51.100.1", 9), udp.local))
    assert (await within(errors.get())).errno == errno.ENETUNREACH
    udp.close()
