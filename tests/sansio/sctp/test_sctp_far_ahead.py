"""DATA far ahead of the cumulative TSN: what gap blocks can say, and what a SACK has room for."""

import pytest

from purertc.sansio.sctp import SctpConfig
from purertc.wire.sctp.chunks import ChunkType, parse_sack
from tests.support.sctp_pair import SctpPair, chunks_in, data_chunk


def sack_of(pair: SctpPair) -> tuple[bytes, list[tuple[int, int]]]:
    (packet,) = pair.right.sctp.packets(pair.now)
    ((kind, _, value),) = chunks_in(packet)
    assert kind == ChunkType.SACK
    return packet, list(parse_sack(value).gaps)


@pytest.mark.parametrize(("ahead", "accepted"), [(65_534, True), (65_535, False), (65_536, False)])
def test_the_farthest_chunk_is_one_that_a_gap_block_can_tell_of(ahead: int, accepted: bool) -> None:
    pair = SctpPair().connect()
    tsn = pair.next_tsn_for(pair.right)
    pair.inject(pair.right, data_chunk(tsn + ahead, b"far", flags=7))
    _, gaps = sack_of(pair)
    assert gaps == ([(65_535, 65_535)] if accepted else [])
    assert pair.right.sctp.dropped == (0 if accepted else 1)


def test_a_sack_full_of_gaps_fits_the_smallest_packet() -> None:
    pair = SctpPair(config=SctpConfig(mtu=512)).connect()
    tsn = pair.next_tsn_for(pair.right)
    for ahead in range(2, 1000, 2):
        pair.inject(pair.right, data_chunk(tsn + ahead, b"x", flags=7))
        pair.inject(pair.right, data_chunk(tsn + ahead, b"x", flags=7))
    packet, gaps = sack_of(pair)
    assert len(gaps) > 50
    assert len(packet) <= 512
