"""Messages with limits are given up when they should be, and never hold up the others."""

import pytest

from purertc.sansio.sctp import SctpConfig
from purertc.wire.sctp.chunks import ChunkType
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair, chunks_in


def data_sizes_of(packet: bytes) -> list[int]:
    return [len(value) - 12 for kind, _, value in chunks_in(packet) if kind == ChunkType.DATA]


def lose_data_of_size(pair: SctpPair, size: int) -> list[float]:
    """Lose every packet of the left with a chunk of that size; return when they were sent."""
    times: list[float] = []

    def drop(sender: int, packet: bytes) -> bool:
        hit = sender == 0 and size in data_sizes_of(packet)
        if hit:
            times.append(pair.now)
        return hit

    pair.link.drop = drop
    return times


@pytest.mark.parametrize("limit", [0, 1, 3])
@pytest.mark.parametrize("ordered", [True, False])
def test_retransmissions_are_counted(limit: int, ordered: bool) -> None:
    pair = SctpPair().connect()
    times = lose_data_of_size(pair, 77)
    pair.left.sctp.send(1, 53, b"z" * 77, pair.now, ordered=ordered, max_retransmits=limit)
    pair.link.flush()
    pair.left.sctp.send(1, 53, b"reliable", pair.now, ordered=ordered)
    pair.run(20.0)
    assert len(times) == 1 + limit
    assert pair.right.payloads() == [b"reliable"]
    assert pair.left.sctp.bytes_in_flight == 0


def test_a_lifetime_ends_the_attempts() -> None:
    pair = SctpPair().connect()
    times = lose_data_of_size(pair, 77)
    begin = pair.now
    pair.left.sctp.send(1, 53, b"z" * 77, pair.now, lifetime=2.0)
    pair.link.flush()
    pair.left.sctp.send(1, 53, b"reliable", pair.now)
    pair.run(20.0)
    assert len(times) > 1
    assert times[-1] < begin + 2.0
    assert pair.right.payloads() == [b"reliable"]


def test_a_message_whose_life_ends_in_the_queue_is_never_sent() -> None:
    pair = SctpPair(config=SctpConfig(receive_window=64_000, max_message_size=20_000)).connect()
    pair.right.reading = False
    for _ in range(10):
        pair.left.sctp.send(1, 53, bytes(10_000), pair.now)
    pair.run(2.0)
    pair.left.sctp.take_released()
    pair.left.sctp.send(2, 53, b"too late", pair.now, lifetime=0.5)
    pair.run(5.0)
    pair.right.reading = True
    pair.right.collect(pair.now)
    pair.left.sctp.send(2, 53, b"in time", pair.now, lifetime=20.0)
    pair.run_until_received(pair.right, 11, 10.0)
    assert pair.right.payloads(2) == [b"in time"]
    assert pair.left.sctp.take_released()[2] == len(b"too late" + b"in time")
    assert pair.left.sctp.buffered(2) == 0


def test_a_half_sent_message_is_skipped_though_its_beginning_has_arrived() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(1, 53, bytes(60_000), pair.now, lifetime=0.04)
    pair.link.flush()
    pair.left.sctp.send(1, 53, b"after", pair.now)
    pair.run(5.0)
    assert pair.right.payloads() == [b"after"]
    assert pair.right.sctp._machines.receiver.reassembly.held == 0
    assert pair.left.sctp.take_released() == {1: 60_005}


def test_a_lost_forward_tsn_is_repeated() -> None:
    pair = SctpPair().connect()
    skips: list[float] = []

    def drop(sender: int, packet: bytes) -> bool:
        kinds = [kind for kind, _, _ in chunks_in(packet)]
        if ChunkType.FORWARD_TSN in kinds:
            skips.append(pair.now)
            return len(skips) < 3
        return 77 in data_sizes_of(packet)

    pair.link.drop = drop
    pair.left.sctp.send(1, 53, b"z" * 77, pair.now, max_retransmits=0)
    pair.link.flush()
    pair.left.sctp.send(1, 53, b"after", pair.now)
    pair.run(20.0)
    assert pair.right.payloads() == [b"after"]
    assert len(skips) == 3


@pytest.mark.parametrize("seed", range(20))
def test_a_mixture_under_loss(seed: int) -> None:
    bad = LinkConditions(loss=0.15, duplication=0.05, reordering=0.1)
    pair = SctpPair(seed=seed, conditions=bad).connect(60.0)
    for number in range(150):
        mark = number.to_bytes(2, "big")
        pair.left.sctp.send(0, 53, mark * 300, pair.now)
        pair.left.sctp.send(1, 53, mark * 900, pair.now, max_retransmits=0)
        pair.left.sctp.send(2, 53, mark * 900, pair.now, ordered=False, lifetime=0.3)
        pair.run(0.04)
    pair.run(60.0)
    reliable = [number.to_bytes(2, "big") * 300 for number in range(150)]
    assert pair.right.payloads(0) == reliable
    unreliable = pair.right.payloads(1)
    assert unreliable == sorted(set(unreliable))
    assert 20 < len(unreliable) < 150
    limited = pair.right.payloads(2)
    assert len(limited) == len(set(limited)) > 5
    assert pair.left.sctp.buffered_total == pair.left.sctp.bytes_in_flight == 0
    assert pair.right.sctp._machines.receiver.reassembly.held == 0


def test_a_peer_without_forward_tsn_gets_everything() -> None:
    pair = SctpPair()
    handshake = pair.left.sctp._machines.handshake
    pair.connect()
    assert handshake.peer is not None
    sender = pair.left.sctp._machines.sender
    sender.start(sender.outstanding.base, 100_000, forward_tsn=False)
    lost: list[float] = []

    def drop(sender: int, packet: bytes) -> bool:
        hit = sender == 0 and not lost
        if hit:
            lost.append(pair.now)
        return hit

    pair.link.drop = drop
    pair.left.sctp.send(1, 53, b"limited", pair.now, max_retransmits=0)
    pair.run_until_received(pair.right, 1, 5.0)
    assert pair.right.payloads() == [b"limited"]
