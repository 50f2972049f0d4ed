"""Bytes of a stream become datagrams however they were cut (RFC 4571 section 2)."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from purertc.sansio.events import StreamUnwanted
from purertc.sansio.ice.tcp import IceTcpStreams
from purertc.sansio.streams import Stream

LISTENER = ("192.0.2.1", 7000)
REMOTE = ("198.51.100.7", 50123)
NOW = 1000.0


def accept(streams: IceTcpStreams) -> Stream:
    stream = streams.accepted(LISTENER, REMOTE, NOW)
    assert stream is not None
    return stream


def framed(payloads: list[bytes]) -> bytes:
    return b"".join(len(payload).to_bytes(2, "big") + payload for payload in payloads)


@given(
    payloads=st.lists(st.binary(min_size=1, max_size=40), max_size=8),
    cuts=st.lists(st.integers(min_value=0, max_value=300), max_size=12),
)
def test_cuts_do_not_matter(payloads: list[bytes], cuts: list[int]) -> None:
    streams = IceTcpStreams()
    stream = accept(streams)
    data = framed(payloads)
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    received = [
        datagram.payload
        for start, end in pairwise(edges)
        for datagram in streams.receive(stream, data[start:end], NOW)
    ]
    assert received == payloads


def test_empty_frames_are_no_datagrams() -> None:
    streams = IceTcpStreams()
    stream = accept(streams)
    (datagram,) = streams.receive(stream, b"\0\0\0\0\0\1x\0\0", NOW)
    assert datagram.payload == b"x"


def test_a_frame_longer_than_a_dtls_record_closes_the_stream() -> None:
    streams = IceTcpStreams()
    stream = accept(streams)
    (datagram,) = streams.receive(stream, b"\0\1x\xff\xff" + bytes(100), NOW)
    assert datagram.payload == b"x"
    assert streams.next_event() == StreamUnwanted(stream)
    assert streams.receive(stream, b"\0\1x", NOW) == []


def test_the_longest_dtls_record_passes() -> None:
    streams = IceTcpStreams()
    stream = accept(streams)
    record = bytes(13 + 2**14 + 2048)
    (datagram,) = streams.receive(stream, framed([record]), NOW)
    assert datagram.payload == record


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_any_bytes_are_bounded(pieces: list[bytes]) -> None:
    streams = IceTcpStreams()
    stream = accept(streams)
    for piece in pieces:
        for datagram in streams.receive(stream, piece, NOW):
            assert 0 < len(datagram.payload) <= 13 + 2**14 + 2048
