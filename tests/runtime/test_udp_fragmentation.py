"""Probes of the path leave whole or not at all; all else may be cut into fragments."""

import errno
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from purertc.runtime.fragmentation import fragments_after
from purertc.runtime.udp import UdpEndpoint
from purertc.sansio.types import Fragmentation, Transmit, Verdict

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="socket options as on Linux")

LEVELS = {"127.0.0.1": (socket.IPPROTO_IP, 10), "::1": (socket.IPPROTO_IPV6, 23)}
IPV6_MTU = (socket.IPPROTO_IPV6, 24)


class NotingSocket(socket.socket):
    """A socket that notes the options in force with each datagram, and may refuse sizes."""

    def __init__(self, family: int) -> None:
        super().__init__(family, socket.SOCK_DGRAM)
        self.options: dict[tuple[int, int], object] = {}
        self.sent: list[tuple[int, dict[tuple[int, int], object]]] = []
        self.limit = 65535
        self.full = False

    def setsockopt(self, level: int, option: int, value: int) -> None:  # type: ignore[override]
        super().setsockopt(level, option, value)
        self.options[level, option] = value

    def sendto(self, data: bytes, destination: object) -> int:  # type: ignore[override]
        if self.full:
            raise BlockingIOError
        if len(data) > self.limit:
            raise OSError(errno.EMSGSIZE, "Message too long")
        self.sent.append((len(data), dict(self.options)))
        return len(data)

    def sendmsg(self, buffers: object, ancillary: object, *_: object) -> int:  # type: ignore[override]
        raise OSError(errno.EMSGSIZE, "Message too long")


@pytest.fixture(params=LEVELS)
def host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sock(host: str) -> Iterator[NotingSocket]:
    sock = NotingSocket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    sock.bind((host, 0))
    yield sock
    sock.close()


def refused(transmit: Transmit) -> bool:
    assert transmit.verdict is not None
    return transmit.verdict.refused


def test_only_probes_must_not_be_cut(host: str, sock: NotingSocket) -> None:
    endpoint = UdpEndpoint(sock)
    plain = Transmit(bytes(1400), (host, 9), endpoint.local)
    probe = replace(plain, fragmentation=Fragmentation.FORBIDDEN, verdict=Verdict())
    for transmit in (plain, probe, plain):
        assert endpoint.send(transmit)
    option = LEVELS[host]
    assert [options[option] for _, options in sock.sent] == [0, 3, 0]
    assert sock.options[option] == 0
    assert not refused(probe)


def test_what_is_too_large_is_cut_here_with_ipv6(host: str, sock: NotingSocket) -> None:
    endpoint = UdpEndpoint(sock)
    run = Transmit(bytes(4000), (host, 9), endpoint.local, 1400)
    assert endpoint.send(replace(run, fragmentation=Fragmentation.FORCED))
    assert [size for size, _ in sock.sent] == [1400, 1400, 1200]
    assert {options.get(IPV6_MTU) for _, options in sock.sent} == {1280 if ":" in host else None}
    assert sock.options.get(IPV6_MTU) in (0, None)
    assert endpoint.segmentation


def test_a_refused_probe_says_so_and_leaves_segmentation_alone(
    host: str, sock: NotingSocket
) -> None:
    endpoint = UdpEndpoint(sock)
    before = endpoint.segmentation
    sock.limit = 1400
    probe = Transmit(
        bytes(1401),
        (host, 9),
        endpoint.local,
        fragmentation=Fragmentation.FORBIDDEN,
        verdict=Verdict(),
    )
    assert endpoint.send(probe)
    assert refused(probe)
    assert (endpoint.segmentation, endpoint.dropped) == (before, 0)


def test_a_probe_waits_for_room_as_all_else(host: str, sock: NotingSocket) -> None:
    endpoint = UdpEndpoint(sock)
    sock.full = True
    probe = Transmit(
        bytes(1401),
        (host, 9),
        endpoint.local,
        fragmentation=Fragmentation.FORBIDDEN,
        verdict=Verdict(),
    )
    assert not endpoint.send(probe)
    assert not refused(probe)
    assert sock.options[LEVELS[host]] == 0


@pytest.mark.parametrize(("size", "segmentation"), [(1300, True), (1200, False)])
def test_large_segments_that_fail_are_the_fault_of_the_path(
    host: str, sock: NotingSocket, size: int, segmentation: bool
) -> None:
    endpoint = UdpEndpoint(sock)
    if not endpoint.segmentation:
        pytest.skip("this kernel has no GSO")
    run = Transmit(bytes(3 * size), (host, 9), endpoint.local, size, verdict=Verdict())
    assert endpoint.send(run)
    assert [length for length, _ in sock.sent] == [size] * 3
    assert endpoint.segmentation is segmentation
    assert refused(run) is segmentation


@pytest.mark.parametrize("size", [1472, 65_507])
def test_whole_datagrams_pass_where_there_is_room(size: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        endpoint = UdpEndpoint(sock)
        probe = Transmit(
            bytes(size),
            endpoint.local,
            endpoint.local,
            fragmentation=Fragmentation.FORBIDDEN,
            verdict=Verdict(),
        )
        assert endpoint.send(probe)
        assert not refused(probe)
        assert [len(datagram.payload) for datagram in endpoint.receive()] == [size]


def test_options_are_told_apart() -> None:
    level, option = LEVELS["127.0.0.1"]
    assert fragments_after(level, option, 0) is True
    assert fragments_after(level, option, 3) is False
    assert fragments_after(*LEVELS["::1"], 0) is False
    assert fragments_after(*IPV6_MTU, 1280) is True
    assert fragments_after(*IPV6_MTU, 0) is False
    assert fragments_after(socket.SOL_SOCKET, socket.SO_RCVBUF, 0) is None
