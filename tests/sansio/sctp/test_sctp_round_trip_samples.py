"""Only what was surely sent once measures the round trip (RFC 9260 section 6.3.1 rule C5)."""

import pytest

from purertc.wire.sctp.chunks import ChunkType
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair, chunks_in


def kinds_in(packet: bytes) -> list[int]:
    return [kind for kind, _, _ in chunks_in(packet)]


@pytest.mark.parametrize(
    "lost", [ChunkType.INIT, ChunkType.INIT_ACK, ChunkType.COOKIE_ECHO, ChunkType.COOKIE_ACK]
)
def test_repeated_chunks_of_the_handshake_do_not_count(lost: ChunkType) -> None:
    pair = SctpPair()
    misses: list[int] = []

    def drop(_: int, packet: bytes) -> bool:
        hit = lost in kinds_in(packet) and len(misses) < 4
        if hit:
            misses.append(1)
        return hit

    pair.link.drop = drop
    pair.connect()
    pair.run(1.0)
    assert misses
    for end in pair.ends:
        measured = end.sctp.smoothed_round_trip
        assert measured is not None
        assert 0.04 < measured < 0.06


@pytest.mark.parametrize("delay", [0.3, 0.8])
def test_a_long_path_is_measured_although_it_looks_like_a_loss(delay: float) -> None:
    pair = SctpPair(conditions=LinkConditions(delay=delay)).connect()
    pair.run(2.0)
    for end in pair.ends:
        measured = end.sctp.smoothed_round_trip
        assert measured is not None
        assert 2 * delay * 0.9 < measured < 2 * delay * 1.1


def test_a_chunk_behind_a_gap_is_measured_when_it_arrives() -> None:
    pair = SctpPair().connect()
    pair.run(1.0)
    begin = pair.now

    def drop(sender: int, packet: bytes) -> bool:
        skips = sender == 0 and pair.now < begin + 3.0 and ChunkType.FORWARD_TSN in kinds_in(packet)
        return skips or len(packet) == 12 + 16 + 76

    pair.link.drop = drop
    pair.left.sctp.send(1, 53, bytes(76), pair.now, max_retransmits=0)
    for _ in range(20):
        pair.run(0.1)
        pair.left.sctp.send(2, 53, bytes(500), pair.now)
    pair.run(5.0)
    assert len(pair.right.messages) == 20
    measured = pair.left.sctp.smoothed_round_trip
    assert measured is not None
    assert measured < 0.2
