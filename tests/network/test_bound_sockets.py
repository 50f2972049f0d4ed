"""The sockets of one connection: one for each address, on ports and with options as asked."""

import errno
import logging
import socket
from collections.abc import Iterable, Iterator

import pytest

from purertc.network import ThisMachine, bind_udp_sockets
from purertc.runtime.interface_address import InterfaceAddress
from purertc.sansio.config import Configuration
from purertc.sansio.network_settings import NetworkSettings
from purertc.testing import SimulatedNetwork

LOOPBACK = InterfaceAddress("127.0.0.1", "lo")
LOOPBACK_V6 = InterfaceAddress("::1", "lo")
OTHER_LOOPBACK = InterfaceAddress("127.0.0.2", "lo")
NOT_HERE = InterfaceAddress("198.51.100.77", "eth9")


class Machine(ThisMachine):
    """This machine, with addresses of the test's choice."""

    def __init__(self, *addresses: InterfaceAddress) -> None:
        super().__init__()
        self.addresses = list(addresses)

    def interface_addresses(self) -> list[InterfaceAddress]:
        return self.addresses


@pytest.fixture
def bound() -> Iterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    yield sockets
    for sock in sockets:
        sock.close()


def configuration(include_loopback: bool | None = True, **settings: object) -> Configuration:
    network = NetworkSettings(**settings)  # type: ignore[arg-type]  # as the test says
    return Configuration(include_loopback=include_loopback, network=network)


def free_ports(count: int) -> int:
    """Return the first of ``count`` ports in a row that are free on 127.0.0.1."""
    for first in range(20000, 60000, count):
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
        try:
            for offset, sock in enumerate(sockets):
                sock.bind(("127.0.0.1", first + offset))
        except OSError:
            continue
        else:
            return first
        finally:
            for sock in sockets:
                sock.close()
    raise AssertionError("no free ports")


@pytest.mark.parametrize(
    ("include", "expected"), [(None, ["127.0.0.1"]), (True, ["127.0.0.1"]), (False, [])]
)
def test_loopback_steps_in_when_nothing_else_can_be_bound(
    bound: list[socket.socket], include: bool | None, expected: list[str]
) -> None:
    bound += bind_udp_sockets(Machine(NOT_HERE, LOOPBACK), configuration(include))
    assert [sock.getsockname()[0] for sock in bound] == expected


def test_each_address_has_a_socket_and_a_port_of_its_own(bound: list[socket.socket]) -> None:
    bound += bind_udp_sockets(Machine(LOOPBACK, LOOPBACK_V6), configuration())
    assert [sock.getsockname()[0] for sock in bound] == ["127.0.0.1", "::1"]
    assert all(sock.getsockname()[1] for sock in bound)


def test_hosts_that_have_their_socket_get_no_other_one(bound: list[socket.socket]) -> None:
    machine = Machine(LOOPBACK, OTHER_LOOPBACK)
    bound += bind_udp_sockets(machine, configuration(), besides=["127.0.0.1"])
    assert [sock.getsockname()[0] for sock in bound] == ["127.0.0.2"]
    assert bind_udp_sockets(machine, configuration(None), besides=["192.0.2.1"]) == []


def test_a_machine_without_ipv6_has_no_ipv6_sockets(
    monkeypatch: pytest.MonkeyPatch, bound: list[socket.socket]
) -> None:
    real = socket.socket

    def without_v6(family: int, kind: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "address family not supported")
        return real(family, kind)

    monkeypatch.setattr(socket, "socket", without_v6)
    bound += bind_udp_sockets(Machine(LOOPBACK, LOOPBACK_V6), configuration())
    assert [sock.family for sock in bound] == [socket.AF_INET]


def test_ports_are_of_the_range_and_all_of_them_are_used(bound: list[socket.socket]) -> None:
    first = free_ports(8)
    settings = configuration(port_range=(first, first + 7))
    for _ in range(8):
        bound += bind_udp_sockets(Machine(LOOPBACK), settings)
    assert {sock.getsockname()[1] for sock in bound} == set(range(first, first + 8))


def test_every_address_may_use_the_same_port_of_the_range(bound: list[socket.socket]) -> None:
    first = free_ports(1)
    settings = configuration(port_range=(first, first))
    bound += bind_udp_sockets(Machine(LOOPBACK, OTHER_LOOPBACK), settings)
    assert [sock.getsockname() for sock in bound] == [("127.0.0.1", first), ("127.0.0.2", first)]


def test_an_exhausted_range_costs_candidates_and_is_said(
    bound: list[socket.socket], caplog: pytest.LogCaptureFixture
) -> None:
    first = free_ports(2)
    settings = configuration(port_range=(first, first + 1))
    with caplog.at_level(logging.WARNING, logger="purertc.network"):
        for _ in range(3):
            bound += bind_udp_sockets(Machine(LOOPBACK), settings)
    assert len(bound) == 2
    (record,) = caplog.records
    assert f"no free port on 127.0.0.1 from {first} to {first + 1}" in record.getMessage()


def test_connections_begin_to_look_at_different_ports(bound: list[socket.socket]) -> None:
    tried: list[int] = []

    class Watched(Machine):
        def bind_udp_socket(self, address: InterfaceAddress, ports: Iterable[int]) -> socket.socket:
            tried.append(next(iter(ports)))
            return super().bind_udp_socket(address, (0,))

    for _ in range(20):
        bound += bind_udp_sockets(Watched(LOOPBACK), configuration(port_range=(1024, 65535)))
    assert len(set(tried)) > 15


@pytest.mark.parametrize(
    ("address", "level", "option"),
    [
        (LOOPBACK, socket.IPPROTO_IP, socket.IP_TOS),
        (LOOPBACK_V6, socket.IPPROTO_IPV6, socket.IPV6_TCLASS),
    ],
)
def test_dscp_marks_what_is_sent(
    bound: list[socket.socket], address: InterfaceAddress, level: int, option: int
) -> None:
    bound += bind_udp_sockets(Machine(address), configuration(dscp=46))
    bound += bind_udp_sockets(Machine(address), configuration())
    assert [sock.getsockopt(level, option) for sock in bound] == [46 << 2, 0]


def test_a_dscp_that_the_system_refuses_is_said(
    bound: list[socket.socket],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(socket, "IP_TOS", 12345)
    with caplog.at_level(logging.WARNING, logger="purertc.network"):
        bound += bind_udp_sockets(Machine(LOOPBACK), configuration(dscp=46))
    assert len(bound) == 1
    assert "DSCP" in caplog.text


@pytest.mark.parametrize("option", [socket.SO_RCVBUF, socket.SO_SNDBUF])
def test_socket_buffers_are_as_asked(bound: list[socket.socket], option: int) -> None:
    bound += bind_udp_sockets(Machine(LOOPBACK), configuration(socket_buffer=50_000))
    bound += bind_udp_sockets(Machine(LOOPBACK), configuration(socket_buffer=None))
    small, default = (sock.getsockopt(socket.SOL_SOCKET, option) for sock in bound)
    assert small in (50_000, 100_000), "Linux doubles it"
    assert default > small


def test_simulated_hosts_obey_the_same_settings() -> None:
    host = SimulatedNetwork().add_host("one", "192.0.2.1", "198.51.100.1", "2001:db8::1")
    settings = configuration(
        include_loopback=False,
        port_range=(5000, 5001),
        interface_filter=lambda name: name != "eth1",
        socket_buffer=100,
    )
    sockets = [sock for _ in range(3) for sock in bind_udp_sockets(host, settings)]
    names = [sock.getsockname()[:2] for sock in sockets]
    assert {host for host, _ in names} == {"192.0.2.1", "2001:db8::1"}
    assert sorted(port for _, port in names) == [5000, 5000, 5001, 5001]
    assert not sockets[0].arrive(bytes(101), ("192.0.2.9", 9))  # type: ignore[attr-defined]
