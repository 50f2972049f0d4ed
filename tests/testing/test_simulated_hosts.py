"""Addresses, ports and sockets of simulated hosts behave as those of real ones."""

import errno
import socket

import pytest

from purertc.errors import ArgumentError
from purertc.testing import LinkConditions, SimulatedHost, SimulatedNetwork
from tests.support.simulation import drain, received


@pytest.fixture
def network() -> SimulatedNetwork:
    return SimulatedNetwork()


@pytest.fixture
def host(network: SimulatedNetwork) -> SimulatedHost:
    return network.add_host("one", "192.0.2.1", "2001:db8::1")


def test_a_datagram_carries_its_source(network: SimulatedNetwork, host: SimulatedHost) -> None:
    other = network.add_host("two", "192.0.2.2", "2001:db8::2")
    for left, right in (("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")):
        source, target = host.bind(left), other.bind(right, 9)
        source.sendto(b"hello", target.getsockname())
        drain(network)
        assert received(target) == [(b"hello", source.local)]
        assert len(target.getsockname()) == (4 if ":" in right else 2)


def test_ports_are_free_or_taken(host: SimulatedHost) -> None:
    first = host.bind("192.0.2.1", 5000)
    with pytest.raises(OSError, match="in use"):
        host.bind("192.0.2.1", 5000)
    assert host.bind("2001:db8::1", 5000).local[1] == 5000
    assert host.bind("192.0.2.1").local != host.bind("192.0.2.1").local
    first.close()
    assert host.bind("192.0.2.1", 5000).fileno() > 0


def test_a_foreign_address_cannot_be_bound(host: SimulatedHost) -> None:
    with pytest.raises(OSError, match="assign requested address"):
        host.bind("192.0.2.99")
    with pytest.raises(ArgumentError, match="no IPv4 or IPv6 address"):
        host.bind("one")


def test_loopback_stays_on_the_host(network: SimulatedNetwork, host: SimulatedHost) -> None:
    other = network.add_host("two", "192.0.2.2")
    here, there = host.bind("127.0.0.1", 7), other.bind("127.0.0.1", 7)
    host.bind("127.0.0.1").sendto(b"mine", ("127.0.0.1", 7))
    drain(network)
    assert [payload for payload, _ in received(here)] == [b"mine"]
    assert received(there) == []


def test_all_addresses_at_once(network: SimulatedNetwork, host: SimulatedHost) -> None:
    other = network.add_host("two", "192.0.2.2")
    everywhere, sender = host.bind("0.0.0.0", 7), other.bind("0.0.0.0", 8)
    sender.sendto(b"hello", ("192.0.2.1", 7))
    drain(network)
    assert received(everywhere) == [(b"hello", ("192.0.2.2", 8))]


def test_nobody_there(network: SimulatedNetwork, host: SimulatedHost) -> None:
    sock = host.bind("192.0.2.1")
    network.add_host("two", "192.0.2.2")
    sock.sendto(b"x", ("192.0.2.2", 1))
    sock.sendto(b"x", ("198.51.100.1", 1))
    drain(network)
    assert network.counters.unreachable == 2


def test_an_address_that_goes_down(network: SimulatedNetwork, host: SimulatedHost) -> None:
    other = network.add_host("two", "192.0.2.2")
    sock, target = host.bind("192.0.2.1"), other.bind("192.0.2.2")
    host.remove_address("192.0.2.1")
    sock.sendto(b"out", target.local)
    target.sendto(b"in", sock.local)
    drain(network)
    assert received(target) == received(sock) == []
    assert network.counters.unreachable == 2
    host.add_address("192.0.2.1")
    sock.sendto(b"up again", target.local)
    drain(network)
    assert len(received(target)) == 1
    with pytest.raises(ArgumentError, match="does not have"):
        host.remove_address("192.0.2.77")


def test_addresses_and_names_are_unique(network: SimulatedNetwork, host: SimulatedHost) -> None:
    with pytest.raises(ArgumentError, match="already"):
        network.add_host("one", "192.0.2.9")
    with pytest.raises(ArgumentError, match="belongs to one"):
        network.add_host("two", "192.0.2.1")


def test_a_full_receive_buffer_drops(network: SimulatedNetwork, host: SimulatedHost) -> None:
    target, sender = host.bind("192.0.2.1"), host.bind("192.0.2.1")
    target.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2500)
    for _ in range(3):
        sender.sendto(bytes(1000), target.local)
    drain(network)
    assert len(received(target)) == 2
    assert network.counters.buffer_full == 1


def test_sockets_fail_as_real_ones_do(host: SimulatedHost) -> None:
    sock = host.bind("192.0.2.1")
    with pytest.raises(BlockingIOError):
        sock.recvfrom(10)
    with pytest.raises(OSError) as large:  # noqa: PT011  # the number is the point
        sock.sendto(bytes(65508), ("192.0.2.1", 9))
    assert large.value.errno == errno.EMSGSIZE
    with pytest.raises(OSError) as family:  # noqa: PT011
        sock.sendto(b"", ("2001:db8::1", 9))
    assert family.value.errno == errno.EAFNOSUPPORT
    with pytest.raises(OSError) as offload:  # noqa: PT011
        sock.setsockopt(17, 103, 1200)
    assert offload.value.errno == errno.ENOPROTOOPT
    with pytest.raises(OSError, match="not supported"):
        sock.setblocking(True)
    sock.close()
    sock.close()
    assert sock.fileno() == -1
    for call in (lambda: sock.recvfrom(1), lambda: sock.sendto(b"", ("192.0.2.1", 9))):
        with pytest.raises(OSError) as closed:  # noqa: PT011
            call()
        assert closed.value.errno == errno.EBADF


def test_a_socket_closes_with_datagrams_on_their_way(
    network: SimulatedNetwork, host: SimulatedHost
) -> None:
    network.set_conditions(LinkConditions(latency=1.0))
    other = network.add_host("two", "192.0.2.2")
    target = other.bind("192.0.2.2", 7)
    host.bind("192.0.2.1").sendto(b"late", target.local)
    target.close()
    drain(network)
    assert network.counters.unreachable == 1
    assert len(network.sockets) == 1


def test_names(network: SimulatedNetwork, host: SimulatedHost) -> None:
    assert network.resolve("one") == host.addresses
    assert network.resolve("localhost") == ["127.0.0.1", "::1"]
    assert network.resolve("2001:DB8::0:5") == ["2001:db8::5"]
    with pytest.raises(ArgumentError):
        network.resolve("nobody")


def test_the_active_host(network: SimulatedNetwork, host: SimulatedHost) -> None:
    other = network.add_host("two", "192.0.2.2")
    assert network.current_host() is host
    with other.active():
        assert network.current_host() is other
        stranger = SimulatedNetwork()
        assert stranger.current_host().name == "localhost"
    assert network.current_host() is host
