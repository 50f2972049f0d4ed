"""FORWARD-TSN moves the receiver, delivers what is complete, and cannot be abused."""

from purertc.wire.sctp.chunks import ForwardTsn, encode_forward_tsn
from purertc.wire.serial import SERIAL_MASK
from tests.support.sctp_pair import SctpPair, data_chunk

FIRST, MIDDLE, LAST = 2, 0, 1


def forward(base: int, offset: int, *streams: tuple[int, int]) -> bytes:
    return encode_forward_tsn(ForwardTsn((base + offset) & SERIAL_MASK, streams))


def test_a_skipped_message_releases_its_successors() -> None:
    pair = SctpPair().connect()
    base = pair.next_tsn_for(pair.right)
    pair.inject(pair.right, data_chunk(base + 1, b"second", number=1))
    assert pair.right.messages == []
    pair.inject(pair.right, forward(base, 0, (1, 0)))
    assert pair.right.payloads() == [b"second"]
    assert pair.next_tsn_for(pair.right) == (base + 2) & SERIAL_MASK


def test_complete_messages_below_the_new_tsn_are_delivered() -> None:
    pair = SctpPair().connect()
    base = pair.next_tsn_for(pair.right)
    pair.inject(pair.right, data_chunk(base + 1, b"one", number=1))
    pair.inject(pair.right, data_chunk(base + 3, b"three", number=3))
    pair.inject(pair.right, forward(base, 3, (1, 2)))
    assert pair.right.payloads() == [b"one", b"three"]


def test_an_incomplete_message_is_thrown_away_with_its_late_fragments() -> None:
    pair = SctpPair().connect()
    base = pair.next_tsn_for(pair.right)
    pair.inject(pair.right, data_chunk(base, b"beginning", flags=FIRST))
    pair.inject(pair.right, data_chunk(base + 2, b"late", flags=MIDDLE))
    pair.inject(pair.right, forward(base, 1, (1, 0)))
    pair.inject(pair.right, data_chunk(base + 3, b"end", flags=LAST))
    pair.inject(pair.right, data_chunk(base + 4, b"next", number=1))
    assert pair.right.payloads() == [b"next"]
    assert pair.right.sctp._machines.receiver.reassembly.held == 0


def test_an_old_one_changes_nothing() -> None:
    pair = SctpPair().connect()
    base = pair.next_tsn_for(pair.right)
    pair.inject(pair.right, data_chunk(base, b"one"), forward(base, -5, (1, 9)))
    pair.inject(pair.right, data_chunk(base + 1, b"two", number=1))
    assert pair.right.payloads() == [b"one", b"two"]


def test_an_absurd_jump_is_dropped() -> None:
    pair = SctpPair().connect()
    base = pair.next_tsn_for(pair.right)
    pair.inject(pair.right, forward(base, 2**30))
    assert pair.next_tsn_for(pair.right) == base
    assert pair.right.sctp.dropped >= 1
    pair.inject(pair.right, data_chunk(base, b"fine"))
    assert pair.right.payloads() == [b"fine"]
