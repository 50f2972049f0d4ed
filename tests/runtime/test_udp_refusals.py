"""What a kernel or a full buffer refuses leads to a fallback, not to a loss or an error."""

import errno
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from purertc.runtime.udp import UdpEndpoint
from purertc.sansio.types import Transmit


class Obstinate(socket.socket):
    """A socket whose sends fail with the errors that were put into it."""

    segment_error: int | None = None
    room: int | None = None

    def sendmsg(self, *arguments: Any) -> int:  # noqa: ANN401  # every form of the call
        if self.segment_error is not None:
            raise OSError(self.segment_error, "refused")
        if self.room is not None:
            raise BlockingIOError
        return super().sendmsg(*arguments)

    def sendto(self, *arguments: Any) -> int:  # noqa: ANN401  # every form of the call
        if self.room is not None:
            if self.room == 0:
                raise BlockingIOError
            self.room -= 1
        return super().sendto(*arguments)


@pytest.fixture
def sock() -> Iterator[Obstinate]:
    with Obstinate(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        yield made


@pytest.fixture
def receiver() -> Iterator[UdpEndpoint]:
    plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    plain.bind(("127.0.0.1", 0))
    endpoint = UdpEndpoint(plain)
    yield endpoint
    endpoint.close()


def payloads(receiver: UdpEndpoint) -> bytes:
    return b"".join(datagram.payload for datagram in receiver.receive())


@pytest.mark.parametrize("error", [errno.EINVAL, errno.EIO])
def test_segmentation_that_fails_is_turned_off_and_nothing_is_lost(
    sock: Obstinate, receiver: UdpEndpoint, error: int
) -> None:
    endpoint = UdpEndpoint(sock)
    if not endpoint.segmentation:
        pytest.skip("this kernel has no UDP_SEGMENT")
    sock.segment_error = error
    assert endpoint.send(Transmit(b"aabbc", receiver.local, endpoint.local, 2))
    assert payloads(receiver) == b"aabbc"
    assert (endpoint.segmentation, endpoint.dropped) == (False, 0)


def test_an_unreachable_network_does_not_turn_segmentation_off(
    sock: Obstinate, receiver: UdpEndpoint
) -> None:
    endpoint = UdpEndpoint(sock)
    if not endpoint.segmentation:
        pytest.skip("this kernel has no UDP_SEGMENT")
    sock.segment_error = errno.ENETUNREACH
    assert endpoint.send(Transmit(b"aabbc", receiver.local, endpoint.local, 2))
    assert (endpoint.segmentation, endpoint.dropped) == (True, 1)


def test_a_full_buffer_keeps_the_run(sock: Obstinate, receiver: UdpEndpoint) -> None:
    endpoint = UdpEndpoint(sock)
    sock.room = 0
    transmit = Transmit(b"aabbc", receiver.local, endpoint.local, 2)
    assert not endpoint.send(transmit)
    sock.room = None
    assert endpoint.send(transmit)
    assert payloads(receiver) == b"aabbc"


def test_a_buffer_that_fills_in_the_middle_keeps_the_rest(
    sock: Obstinate, receiver: UdpEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = UdpEndpoint(sock)
    monkeypatch.setattr(endpoint, "_gso", False)
    sock.room = 2
    transmit = Transmit(b"aabbc", receiver.local, endpoint.local, 2)
    assert not endpoint.send(transmit)
    assert transmit.payload == b"c"
    sock.room = None
    assert endpoint.send(transmit)
    assert payloads(receiver) == b"aabbc"
