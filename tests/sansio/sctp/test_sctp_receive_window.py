"""Unread messages close the window; reading opens it; nothing is lost and memory is bounded."""

import pytest

from purertc.errors import ArgumentError
from purertc.sansio.sctp import AssociationState, SctpConfig
from purertc.wire.sctp.chunks import ChunkType
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair, chunks_in, data_chunk

SMALL = SctpConfig(receive_window=64_000, max_message_size=20_000)


def full_pair(conditions: LinkConditions | None = None, seed: int = 0) -> SctpPair:
    """The right does not read, and the left has much more to send than fits."""
    pair = SctpPair(config=SMALL, conditions=conditions, seed=seed).connect()
    pair.right.reading = False
    for number in range(50):
        pair.left.sctp.send(1, 53, bytes([number]) * 4_000, pair.now)
    return pair


def test_the_window_closes_and_stays_closed() -> None:
    pair = full_pair()
    pair.run(30.0)
    held = sum(map(len, pair.right.payloads()))
    assert held <= SMALL.receive_window + SMALL.max_message_size + 1188
    assert pair.left.sctp.peer_receive_window < 1188
    pair.run(300.0)
    assert pair.left.sctp.state is AssociationState.ESTABLISHED
    assert sum(map(len, pair.right.payloads())) <= 64_000 + 20_000 + 1188
    assert pair.left.sctp.buffered_total > 50_000


def test_reading_opens_it_at_once() -> None:
    pair = full_pair()
    pair.run(10.0)
    pair.right.reading = True
    pair.right.collect(pair.now)
    took = pair.run_until_received(pair.right, 50, 20.0)
    assert took < 2.0
    assert pair.right.payloads() == [bytes([number]) * 4_000 for number in range(50)]


def test_a_lost_window_update_is_made_up_for() -> None:
    pair = full_pair()
    pair.run(10.0)
    pair.link.drop = lambda sender, packet: sender == 1
    pair.right.reading = True
    pair.right.collect(pair.now)
    pair.run(0.2)
    pair.link.drop = None
    assert pair.run_until_received(pair.right, 50, 20.0) < 8.0


@pytest.mark.parametrize("seed", range(10))
def test_opening_and_closing_again_and_again_under_loss(seed: int) -> None:
    pair = full_pair(LinkConditions(loss=0.05), seed)
    while len(pair.right.messages) < 50:
        pair.run(1.0)
        pair.right.reading = not pair.right.reading
        pair.right.collect(pair.now)
        assert pair.now < 1200
    assert pair.right.payloads() == [bytes([number]) * 4_000 for number in range(50)]


def test_one_byte_messages_cannot_exhaust_memory() -> None:
    pair = SctpPair(config=SMALL).connect()
    pair.right.reading = False
    base = pair.next_tsn_for(pair.right)
    for at in range(0, 100_000, 50):
        numbers = range(at, at + 50)
        chunks = [data_chunk(base + n, b"x", flags=7) for n in numbers]
        pair.inject(pair.right, *chunks)
        base_now = pair.next_tsn_for(pair.right)
        if base_now == base:
            break
    window = pair.right.sctp._machines.receiver.window()
    assert window == 0


def test_a_peer_that_ignores_the_window_is_stopped() -> None:
    pair = SctpPair(config=SMALL).connect()
    pair.right.reading = False
    base = pair.next_tsn_for(pair.right)
    for number in range(200):
        pair.inject(pair.right, data_chunk(base + number, bytes(1000), number=number))
    assert 64 <= len(pair.right.messages) <= 86
    assert pair.right.sctp.dropped >= 100


def test_chunks_ahead_of_a_gap_are_bounded_too() -> None:
    pair = SctpPair(config=SMALL).connect()
    base = pair.next_tsn_for(pair.right)
    for number in range(1, 200):
        pair.inject(pair.right, data_chunk(base + number, bytes(1000), number=number))
    assert pair.right.messages == []
    assert pair.right.sctp._machines.receiver.reassembly.held <= 65_000
    pair.inject(pair.right, data_chunk(base, bytes(1000), number=0))
    assert len(pair.right.messages) >= 50


def test_a_window_update_is_sent_when_it_matters_only() -> None:
    pair = SctpPair().connect()
    pair.right.reading = False
    pair.left.sctp.send(1, 53, bytes(10_000), pair.now)
    pair.run(1.0)
    pair.right.sctp.consumed(10_000, pair.now)
    assert pair.right.sctp.packets(pair.now) == []
    with pytest.raises(ArgumentError):
        pair.right.sctp.consumed(1, pair.now)

    closed = full_pair()
    closed.run(10.0)
    closed.right.sctp.consumed(50_000, closed.now)
    (packet,) = closed.right.sctp.packets(closed.now)
    assert [kind for kind, _, _ in chunks_in(packet)] == [ChunkType.SACK]
