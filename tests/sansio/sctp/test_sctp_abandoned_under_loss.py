"""Unreliable messages on a bad link: giving up is told promptly, and sending goes on."""

import pytest

from purertc.wire.sctp.chunks import ChunkType
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair, chunks_in


def drain_time(seed: int, size: int, count: int) -> float:
    """Return how long it takes until everything was sent or given up, at 30 % loss."""
    pair = SctpPair(seed=seed, conditions=LinkConditions(loss=0.3)).connect(120.0)
    begin = pair.now
    for _ in range(count):
        pair.left.sctp.send(1, 53, bytes(size), pair.now, max_retransmits=0)
    sender = pair.left.sctp._machines.sender
    assert pair.link.run(400.0, sender.drained)
    return pair.now - begin


@pytest.mark.parametrize(("size", "count"), [(1000, 50), (5000, 10), (50_000, 1)])
def test_fifty_kilobytes_drain_in_seconds(size: int, count: int) -> None:
    times = sorted(drain_time(seed, size, count) for seed in range(20))
    assert times[-1] < 20.0
    assert times[10] < 6.0


def test_a_lost_forward_tsn_is_repeated_before_the_timeout() -> None:
    pair = SctpPair().connect()
    pair.run(0.5)
    skips: list[float] = []

    def drop(sender: int, packet: bytes) -> bool:
        kinds = [kind for kind, _, _ in chunks_in(packet)]
        if sender == 0 and ChunkType.FORWARD_TSN in kinds:
            skips.append(pair.now)
            return len(skips) == 1
        return ChunkType.DATA in kinds

    pair.link.drop = drop
    pair.left.sctp.send(1, 53, bytes(76), pair.now, max_retransmits=0)
    pair.run(2.0)
    assert pair.left.sctp.retransmission_timeouts == 1
    assert len(skips) == 2
    assert skips[1] - skips[0] < 0.2


def test_an_acknowledged_skip_is_a_sign_of_life() -> None:
    pair = SctpPair().connect()
    pair.link.drop = lambda _, packet: ChunkType.DATA in [kind for kind, _, _ in chunks_in(packet)]
    for _ in range(60):
        pair.left.sctp.send(1, 53, bytes(76), pair.now, max_retransmits=0)
        pair.run(1.0)
    assert pair.established()
    assert pair.left.sctp.retransmission_timeouts > 30
