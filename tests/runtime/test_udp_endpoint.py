"""Datagrams go through the socket whole, one by one and in runs."""

import socket
import sys
from collections.abc import Iterator

import pytest

from purertc.runtime.udp import UdpEndpoint, socket_address
from purertc.sansio.types import Datagram, Transmit

HOSTS = ["127.0.0.1", "::1"]


def bound(host: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    return sock


@pytest.fixture(params=HOSTS)
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[UdpEndpoint, UdpEndpoint]]:
    left, right = UdpEndpoint(bound(request.param)), UdpEndpoint(bound(request.param))
    yield left, right
    left.close()
    right.close()


def datagrams_in(received: list[Datagram]) -> list[bytes]:
    split = []
    for datagram in received:
        size = datagram.segment_size or len(datagram.payload) or 1
        split += [
            datagram.payload[start : start + size]
            for start in range(0, len(datagram.payload) or 1, size)
        ]
    return split


def test_single_datagram(pair: tuple[UdpEndpoint, UdpEndpoint]) -> None:
    left, right = pair
    assert left.send(Transmit(b"hello", right.local, left.local))
    assert right.receive() == [Datagram(b"hello", left.local, right.local)]
    assert right.receive() == []


def test_a_run_arrives_as_its_datagrams(pair: tuple[UdpEndpoint, UdpEndpoint]) -> None:
    left, right = pair
    sent = [bytes([number]) * 1000 for number in range(50)] + [b"tail"]
    assert left.send(Transmit(b"".join(sent), right.local, left.local, 1000))
    assert datagrams_in(right.receive()) == sent


def test_a_run_is_split_where_the_kernel_cannot(
    pair: tuple[UdpEndpoint, UdpEndpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = pair
    monkeypatch.setattr(left, "_gso", False)
    sent = [bytes([number]) * 100 for number in range(20, 40)] + [b"tail"]
    assert left.send(Transmit(b"".join(sent), right.local, left.local, 100))
    assert datagrams_in(right.receive()) == sent


def test_joining_is_not_needed_to_receive(
    pair: tuple[UdpEndpoint, UdpEndpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = pair
    right._socket.setsockopt(17, 104, 0)
    monkeypatch.setattr(right, "_gro", False)
    sent = [b"a" * 100, b"b" * 100, b"c" * 7]
    assert left.send(Transmit(b"".join(sent), right.local, left.local, 100))
    assert [datagram.segment_size for datagram in right.receive()] == [0, 0, 0]


def test_the_longest_record_arrives_whole_also_without_joining(
    pair: tuple[UdpEndpoint, UdpEndpoint],
) -> None:
    left, right = pair
    longest = bytes(13 + 2**14 + 2048)
    with bound(right.local[0]) as sock:
        plain = UdpEndpoint(sock, offload=False)
        assert left.send(Transmit(longest, plain.local, left.local))
        assert plain.receive() == [Datagram(longest, left.local, plain.local)]


def test_a_burst_of_reads_is_bounded(pair: tuple[UdpEndpoint, UdpEndpoint]) -> None:
    left, right = pair
    right._gro = False
    right._socket.setsockopt(17, 104, 0)
    for number in range(100):
        left.send(Transmit(bytes([number]), right.local, left.local))
    first = right.receive()
    assert len(first) == 64
    assert len(first) + len(right.receive()) == 100


@pytest.mark.skipif(sys.platform != "linux", reason="sockets that do not join look on")
def test_nothing_is_looked_for_behind_a_check_of_the_path(
    pair: tuple[UdpEndpoint, UdpEndpoint],
) -> None:
    left, right = pair
    for payload in (b"\x16first", b"\x00\x01check", b"\x16last"):
        assert left.send(Transmit(payload, right.local, left.local))
    assert [each.payload for each in right.receive()] == [b"\x16first", b"\x00\x01check"]
    assert [each.payload for each in right.receive()] == [b"\x16last"]


def test_what_the_network_refuses_is_a_lost_datagram(
    pair: tuple[UdpEndpoint, UdpEndpoint],
) -> None:
    left, right = pair
    assert left.send(Transmit(b"x", (right.local[0], 0), left.local))
    assert left.dropped == 1
    assert left.send(Transmit(b"y", right.local, left.local))
    assert datagrams_in(right.receive()) == [b"y"]


def test_a_closed_socket_raises_when_read(pair: tuple[UdpEndpoint, UdpEndpoint]) -> None:
    left, _ = pair
    left.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        left.receive()


def test_address_of_a_link_local_socket_has_its_scope() -> None:
    class LinkLocal(socket.socket):
        def getsockname(self) -> tuple[str, int, int, int]:
            return "fe80::1", 4000, 0, socket.if_nametoindex("lo")

    with LinkLocal(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        assert socket_address(sock) == ("fe80::1%lo", 4000)
