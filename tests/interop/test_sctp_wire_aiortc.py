"""aiortc's codec reads our chunks, and ours reads aiortc's."""

from collections.abc import Sequence

import pytest
from aiortc import rtcsctptransport as legacy

from purertc.sansio.sctp import AssociationState
from purertc.wire.sctp import chunks, reconfig
from purertc.wire.sctp.packet import iterate_chunks, open_packet
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair


def packets_of_a_whole_life() -> list[bytes]:
    """Handshake, data, SACKs with gaps, FORWARD-TSN, RE-CONFIG, shutdown."""
    seen: list[bytes] = []

    def note(_sender: int, packet: bytes) -> bool:
        seen.append(packet)
        return False

    pair = SctpPair(seed=5, conditions=LinkConditions(loss=0.1))
    pair.link.drop = note
    pair.connect()
    for number in range(40):
        limit = 0 if number % 2 else None
        pair.left.sctp.send(
            number % 3, 53, bytes(900 * number + 1), pair.now, max_retransmits=limit
        )
    pair.left.sctp.reset_streams([1], pair.now)
    pair.run(60.0)
    pair.left.sctp.shutdown(pair.now)
    pair.run(60.0)
    assert pair.left.sctp.state is AssociationState.CLOSED
    return seen


PACKETS = packets_of_a_whole_life()


def test_every_kind_of_chunk_is_there() -> None:
    kinds = {kind for packet in PACKETS for kind, _, _ in iterate_chunks(open_packet(packet)[1])}
    assert kinds >= {0, 1, 2, 3, 7, 8, 10, 11, 14, 130, 192}


def test_aiortc_reads_our_packets() -> None:
    for packet in PACKETS:
        source, destination, tag, listed = legacy.parse_packet(packet)
        header, body = open_packet(packet)
        assert (source, destination, tag) == tuple(header)
        ours = list(iterate_chunks(body))
        assert [(chunk.type, chunk.flags) for chunk in listed] == [part[:2] for part in ours]
        for chunk, (kind, _, value) in zip(listed, ours, strict=True):
            check_fields(chunk, kind, value)


def check_fields(chunk: legacy.Chunk, kind: int, value: bytes) -> None:
    if isinstance(chunk, legacy.SackChunk):
        sack = chunks.parse_sack(value)
        assert (chunk.cumulative_tsn, chunk.advertised_rwnd) == sack[:2]
        assert list(chunk.gaps) == list(sack.gaps)
        assert list(chunk.duplicates) == list(sack.duplicates)
    elif isinstance(chunk, legacy.ForwardTsnChunk):
        forward = chunks.parse_forward_tsn(value)
        assert chunk.cumulative_tsn == forward.cumulative_tsn
        assert list(chunk.streams) == list(forward.streams)
    elif isinstance(chunk, legacy.DataChunk):
        assert chunk.user_data == value[12:]
    elif isinstance(chunk, legacy.BaseInitChunk):
        init = chunks.parse_init(value)
        assert chunk.initiate_tag == init.tag
        assert tuple(chunk.params) == init.parameters
    elif isinstance(chunk, legacy.ReconfigChunk):
        assert len(chunk.params) == len(reconfig.parse_reconfig(value))


def test_we_read_aiortcs_packets_as_they_are_written_again() -> None:
    for packet in PACKETS:
        source, destination, tag, listed = legacy.parse_packet(packet)
        for chunk in listed:
            again = legacy.serialize_packet(source, destination, tag, chunk)
            header, body = open_packet(again)
            assert tuple(header) == (source, destination, tag)
            ((kind, flags, value),) = iterate_chunks(body)
            assert (kind, flags) == (chunk.type, chunk.flags)
            check_fields(chunk, kind, value)


@pytest.mark.parametrize("streams", [(1,), (1, 2, 65_534)])
def test_stream_resets_mean_the_same(streams: Sequence[int]) -> None:
    theirs = legacy.StreamResetOutgoingParam(
        request_sequence=7, response_sequence=8, last_tsn=9, streams=list(streams)
    )
    ours = reconfig.OutgoingResetRequest(7, 8, 9, tuple(streams))
    encoded = reconfig.encode_reconfig_parameter(ours)
    assert encoded[4 : 4 + len(bytes(theirs))] == bytes(theirs)
