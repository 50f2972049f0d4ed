"""What arrives is acknowledged with the right TSNs, at the right time."""

import pytest

from purertc.wire.sctp.chunks import IMMEDIATE, ChunkType, Sack, encode_sack, parse_sack
from purertc.wire.serial import SERIAL_MASK
from tests.support.sctp_pair import Endpoint, SctpPair, chunks_in, data_chunk


def take_sack(end: Endpoint, now: float) -> Sack | None:
    packets = end.sctp.packets(now)
    if not packets:
        return None
    ((kind, _, value),) = chunks_in(packets[0])
    assert kind == ChunkType.SACK
    return parse_sack(value)


def give(pair: SctpPair, *offsets: int, flags: int = 3) -> int:
    """Give the right messages with these TSN offsets, one packet each, as one batch."""
    base = pair.next_tsn_for(pair.right)
    packets = [
        pair.craft(pair.right, data_chunk(base + at, b"data", number=at, flags=flags))
        for at in offsets
    ]
    pair.right.sctp.receive(packets, pair.now)
    pair.right.collect(pair.now)
    return base


def test_a_single_packet_is_acknowledged_after_the_delay() -> None:
    pair = SctpPair().connect()
    base = give(pair, 0)
    assert take_sack(pair.right, pair.now) is None
    deadline = pair.right.sctp.next_deadline()
    assert deadline == pytest.approx(pair.now + 0.1)
    pair.right.sctp.handle_timeout(pair.now + 0.1)
    sack = take_sack(pair.right, pair.now + 0.1)
    assert sack is not None
    assert sack.cumulative_tsn == base


def test_the_second_packet_is_acknowledged_at_once() -> None:
    pair = SctpPair().connect()
    base = give(pair, 0)
    assert take_sack(pair.right, pair.now) is None
    pair.inject(pair.right, data_chunk(base + 1, b"more", number=1))
    sack = take_sack(pair.right, pair.now)
    assert sack is not None
    assert sack.cumulative_tsn == (base + 1) & SERIAL_MASK


def test_the_immediate_bit_is_obeyed() -> None:
    pair = SctpPair().connect()
    give(pair, 0, flags=3 | IMMEDIATE)
    assert take_sack(pair.right, pair.now) is not None


def test_gap_blocks() -> None:
    pair = SctpPair().connect()
    base = give(pair, 0, 2, 3, 7, 5)
    sack = take_sack(pair.right, pair.now)
    assert sack is not None
    assert sack.cumulative_tsn == base
    assert list(sack.gaps) == [(2, 3), (5, 5), (7, 7)]
    assert list(sack.duplicates) == []


def test_a_filled_gap_moves_the_cumulative_tsn() -> None:
    pair = SctpPair().connect()
    base = give(pair, 1, 2, 4)
    pair.inject(pair.right, data_chunk(base, b"data", number=0))
    sack = take_sack(pair.right, pair.now)
    assert sack is not None
    assert sack.cumulative_tsn == (base + 2) & SERIAL_MASK
    assert list(sack.gaps) == [(2, 2)]
    assert len(pair.right.messages) == 3


def test_duplicates_are_reported_once_and_not_delivered() -> None:
    pair = SctpPair().connect()
    base = give(pair, 0, 0, 2, 2)
    sack = take_sack(pair.right, pair.now)
    assert sack is not None
    assert list(sack.duplicates) == [base, (base + 2) & SERIAL_MASK]
    assert len(pair.right.messages) == 1
    assert pair.right.sctp.duplicates == 2
    give(pair, 0, 2)
    again = take_sack(pair.right, pair.now)
    assert again is not None
    assert list(again.duplicates) == []


def test_a_tsn_far_out_of_the_window_is_dropped() -> None:
    pair = SctpPair().connect()
    base = give(pair, 0, 70_000, 2**30)
    sack = take_sack(pair.right, pair.now)
    assert sack is not None
    assert (sack.cumulative_tsn, list(sack.gaps)) == (base, [])
    assert pair.right.sctp.dropped >= 2


def test_a_sack_for_what_was_never_sent_is_ignored() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(1, 53, b"x" * 100, pair.now)
    pair.left.sctp.packets(pair.now)
    dropped = pair.left.sctp.dropped
    tsn = pair.left.sctp._machines.sender.outstanding.next_tsn
    pair.inject(pair.left, encode_sack(Sack(tsn & SERIAL_MASK, 100_000)))
    assert pair.left.sctp.dropped == dropped + 1
    assert pair.left.sctp.bytes_in_flight == 100
    pair.inject(pair.left, encode_sack(Sack((tsn - 1) & SERIAL_MASK, 100_000)))
    assert pair.left.sctp.bytes_in_flight == 0


def test_an_old_sack_is_ignored() -> None:
    pair = SctpPair().connect()
    first = pair.left.sctp._machines.sender.outstanding.base
    pair.left.sctp.send(1, 53, b"x" * 5000, pair.now)
    pair.left.sctp.packets(pair.now)
    pair.inject(pair.left, encode_sack(Sack((first + 2) & SERIAL_MASK, 100_000)))
    window = pair.left.sctp.peer_receive_window
    pair.inject(pair.left, encode_sack(Sack(first & SERIAL_MASK, 5)))
    assert pair.left.sctp.peer_receive_window == window


def test_gap_blocks_beyond_what_was_sent_are_ignored() -> None:
    pair = SctpPair().connect()
    sender = pair.left.sctp._machines.sender
    pair.left.sctp.send(1, 53, b"x" * 5000, pair.now)
    pair.left.sctp.packets(pair.now)
    base = sender.outstanding.base
    gaps = [(60_000, 65_535), (3, 2), (0, 0), (2, 65_535), (2, 3)]
    pair.inject(pair.left, encode_sack(Sack((base - 1) & SERIAL_MASK, 100_000, gaps)))
    assert pair.left.sctp.bytes_in_flight == 0
    assert len(pair.left.sctp.packets(pair.now)) == 1
    assert pair.left.sctp.retransmitted_chunks == 1
