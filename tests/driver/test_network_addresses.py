"""Which addresses of the machine become sockets."""

import socket
from collections.abc import Iterator

import ifaddr
import pytest

from purertc import network

IPV6_SCOPED = ("fe80::1", 0, 7)


def adapters(*hosts: str | tuple[str, int, int]) -> list[ifaddr.Adapter]:
    ips = [ifaddr.IP(host, 24, "eth9") for host in hosts]
    return [ifaddr.Adapter("eth9", "eth9", ips)]


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_recent_addresses", network.RecentAddresses())


@pytest.fixture
def bound() -> Iterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    yield sockets
    for sock in sockets:
        sock.close()


def use(monkeypatch: pytest.MonkeyPatch, *hosts: str | tuple[str, int, int]) -> None:
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters(*hosts))


def test_addresses_are_sorted_into_ordinary_and_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    use(
        monkeypatch,
        "192.0.2.7",
        "127.0.0.1",
        ("::1", 0, 0),
        ("2001:db8::7", 0, 0),
        IPV6_SCOPED,
        "192.0.2.7",
    )
    assert network.host_addresses() == (
        [("192.0.2.7", 0), ("2001:db8::7", 0), ("fe80::1", 7)],
        [("127.0.0.1", 0), ("::1", 0)],
    )


@pytest.mark.parametrize("host", ["fec0::1", "::ffff:192.0.2.1", "::192.0.2.1", "::", "ff02::1"])
def test_some_ipv6_addresses_are_never_used(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    use(monkeypatch, (host, 0, 0))
    assert network.host_addresses() == ([], [])


def test_addresses_are_looked_up_at_most_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    time = 100.0
    recent = network.RecentAddresses(lambda: time)
    use(monkeypatch, "192.0.2.7")
    assert recent.get() == ([("192.0.2.7", 0)], [])
    use(monkeypatch, "192.0.2.8")
    time = 100.9
    assert recent.get() == ([("192.0.2.7", 0)], [])
    time = 101.0
    assert recent.get() == ([("192.0.2.8", 0)], [])


@pytest.mark.parametrize(
    ("include", "ordinary", "expected"),
    [
        (None, "127.0.0.2", ["127.0.0.2"]),
        (True, "127.0.0.2", ["127.0.0.2", "127.0.0.1"]),
        (False, "127.0.0.2", ["127.0.0.2"]),
        (None, "198.51.100.77", ["127.0.0.1"]),
        (False, "198.51.100.77", []),
    ],
)
def test_loopback_comes_when_asked_for_or_when_nothing_else_can_be_bound(
    monkeypatch: pytest.MonkeyPatch,
    bound: list[socket.socket],
    include: bool | None,
    ordinary: str,
    expected: list[str],
) -> None:
    monkeypatch.setattr(network, "host_addresses", lambda: ([(ordinary, 0)], [("127.0.0.1", 0)]))
    bound += network.bind_host_sockets(include)
    assert [sock.getsockname()[0] for sock in bound] == expected
    assert all(sock.getsockname()[1] for sock in bound)


def test_each_socket_has_a_port_of_its_own_also_on_ipv6(bound: list[socket.socket]) -> None:
    bound += network.bind_host_sockets(include_loopback=True)
    hosts = [sock.getsockname()[0] for sock in bound]
    assert "127.0.0.1" in hosts
    assert "::1" in hosts
    assert len({sock.fileno() for sock in bound}) == len(hosts)


def test_a_machine_without_ipv6_has_no_ipv6_sockets(
    monkeypatch: pytest.MonkeyPatch, bound: list[socket.socket]
) -> None:
    real = socket.socket

    def without_v6(family: int, kind: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError("address family not supported")
        return real(family, kind)

    monkeypatch.setattr(socket, "socket", without_v6)
    bound += network.bind_host_sockets(include_loopback=True)
    assert bound
    assert all(sock.family == socket.AF_INET for sock in bound)
