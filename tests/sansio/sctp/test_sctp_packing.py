"""Packets are filled, streams take turns, and what leaves the buffer is accounted for."""

import pytest

from purertc.errors import ArgumentError, InvalidStateError
from purertc.wire.sctp.chunks import ChunkType
from tests.support.sctp_pair import SctpPair, chunks_in


def data_sizes(packets: list[bytes]) -> list[int]:
    return [len(packet) for packet in packets]


def test_all_packets_of_a_long_transfer_but_the_last_are_full() -> None:
    pair = SctpPair().connect()
    for _ in range(2):
        pair.left.sctp.send(1, 53, bytes(5_003), pair.now)
    packets = pair.left.sctp.packets(pair.now)
    assert len(packets) == 9
    assert set(data_sizes(packets[:-1])) == {1188}
    assert len(packets[-1]) < 1188


def test_small_messages_share_packets() -> None:
    pair = SctpPair().connect()
    for number in range(50):
        pair.left.sctp.send(1, 53, bytes([number]) * 100, pair.now)
    packets = pair.left.sctp.packets(pair.now)
    assert [len(chunks_in(packet)) for packet in packets] == [10] * 5


def test_streams_take_turns_message_by_message() -> None:
    pair = SctpPair().connect()
    for stream in (1, 2, 3):
        for _ in range(3):
            pair.left.sctp.send(stream, 53, bytes(3_000), pair.now)
    pair.run_until_received(pair.right, 9, 5.0)
    assert [stream for stream, _, _ in pair.right.messages] == [1, 2, 3] * 3


def test_a_late_stream_need_not_wait_for_a_long_queue() -> None:
    pair = SctpPair().connect()
    for _ in range(100):
        pair.left.sctp.send(1, 53, bytes(10_000), pair.now)
    pair.link.flush()
    pair.left.sctp.send(2, 53, b"urgent", pair.now)
    assert pair.link.run(20.0, lambda: bool(pair.right.payloads(2)))
    assert [stream for stream, _, _ in pair.right.messages][:3] == [1, 1, 2]


def test_buffered_counts_what_was_never_sent() -> None:
    pair = SctpPair().connect()
    sctp = pair.left.sctp
    sctp.send(1, 53, bytes(100_000), pair.now)
    sctp.send(2, 53, bytes(50_000), pair.now)
    assert (sctp.buffered(1), sctp.buffered(2), sctp.buffered(3)) == (100_000, 50_000, 0)
    assert sctp.take_released() == {}
    while sctp.packets(pair.now):
        pass
    sent = sctp.bytes_in_flight
    assert 0 < sent < 100_000
    assert sctp.buffered(1) == 100_000 - sent
    assert sctp.buffered_total == 150_000 - sent
    assert sctp.take_released() == {1: sent}
    assert sctp.take_released() == {}


def test_everything_queued_is_released_in_the_end() -> None:
    pair = SctpPair().connect()
    for stream in (1, 2):
        pair.left.sctp.send(stream, 53, bytes(70_000), pair.now)
    pair.run_until_received(pair.right, 2, 10.0)
    assert pair.left.sctp.take_released() == {1: 70_000, 2: 70_000}
    assert pair.left.sctp.buffered_total == 0


def test_a_sack_rides_with_data() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(1, 53, b"question", pair.now)
    pair.right.sctp.receive(pair.left.sctp.packets(pair.now), pair.now)
    pair.right.sctp.send(1, 53, b"answer", pair.now)
    (packet,) = pair.right.sctp.packets(pair.now)
    assert [kind for kind, _, _ in chunks_in(packet)] == [ChunkType.SACK, ChunkType.DATA]


def test_a_batch_is_answered_with_one_sack() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(1, 53, bytes(11_000), pair.now)
    packets = pair.left.sctp.packets(pair.now)
    assert len(packets) == 10
    pair.right.sctp.receive(packets, pair.now)
    (answer,) = pair.right.sctp.packets(pair.now)
    assert [kind for kind, _, _ in chunks_in(answer)] == [ChunkType.SACK]
    assert pair.right.sctp.packets(pair.now) == []


def test_limit_is_kept() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(1, 53, bytes(11_000), pair.now)
    assert len(pair.left.sctp.packets(pair.now, 3)) == 3
    assert len(pair.left.sctp.packets(pair.now, 3)) == 3


def test_mistakes_are_refused_before_anything_changes() -> None:
    pair = SctpPair().connect()
    sctp = pair.left.sctp
    with pytest.raises(ArgumentError, match="empty"):
        sctp.send(1, 53, b"", pair.now)
    for stream in (-1, 65_535):
        with pytest.raises(ArgumentError, match="stream"):
            sctp.send(stream, 53, b"x", pair.now)
        with pytest.raises(ArgumentError, match="stream"):
            sctp.reset_streams([stream], pair.now)
    with pytest.raises(ArgumentError, match="unread"):
        sctp.consumed(1, pair.now)
    assert sctp.packets(pair.now) == []
    sctp.shutdown(pair.now)
    with pytest.raises(InvalidStateError):
        sctp.send(1, 53, b"x", pair.now)
