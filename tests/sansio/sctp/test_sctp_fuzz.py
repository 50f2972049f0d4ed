"""Whatever arrives, nothing is raised, and a healthy association goes on."""

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from purertc.sansio.sctp import AssociationState
from purertc.wire.sctp import chunks, reconfig
from purertc.wire.sctp.tlv import encode_item
from tests.support.sctp_pair import SctpPair

U8 = st.integers(0, 255)
U16 = st.integers(0, 2**16 - 1)
NEAR = st.integers(-6, 12)
ANY_CHUNK = st.builds(chunks.encode_chunk, U8, U8, st.binary(max_size=40))
BROKEN_CHUNK = st.binary(min_size=1, max_size=40)
ENDING = {chunks.ChunkType.ABORT, chunks.ChunkType.SHUTDOWN}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
@given(st.lists(st.binary(max_size=100), max_size=8))
def test_garbage_changes_nothing(packets: list[bytes]) -> None:
    pair = SctpPair().connect()
    pair.right.sctp.receive(packets, pair.now)
    assert pair.right.sctp.state is AssociationState.ESTABLISHED
    assert pair.right.sctp.bad_packets == len(packets)
    still_works(pair)


def still_works(pair: SctpPair) -> None:
    for end, other in ((pair.left, pair.right), (pair.right, pair.left)):
        other.messages.clear()
        end.sctp.send(9, 51, b"still here", pair.now)
        pair.run_until_received(other, 1, 30.0)
        assert (9, 51, b"still here") in other.messages


def is_harmless(chunk: bytes) -> bool:
    """Whether an honest association must survive it: no data, no end, no lies about TSNs."""
    return chunk[0] not in {*ENDING, 0, 3, 192, 130, 14}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=200)
@given(st.lists(st.one_of(ANY_CHUNK, BROKEN_CHUNK), min_size=1, max_size=6))
def test_sealed_nonsense_is_survived(content: list[bytes]) -> None:
    pair = SctpPair().connect()
    pair.inject(pair.right, *filter(is_harmless, content))
    pair.run(1.0)
    if all(is_harmless(content[0][at:]) for at in range(len(content[0]))):
        assert pair.right.sctp.state is AssociationState.ESTABLISHED


def chunk_from(choice: int, base: int, at: int, extra: int, value: bytes) -> bytes:
    """Return a plausible chunk with numbers near those in use."""
    tsn = (base + at) & 0xFFFF_FFFF
    stream = extra % 5
    match choice:
        case 0:
            body = (
                tsn.to_bytes(4, "big") + stream.to_bytes(2, "big") + (extra % 7).to_bytes(2, "big")
            )
            return chunks.encode_chunk(0, extra & 15, body + bytes(4) + value)
        case 1:
            gaps = [(at & 15, extra & 31), (extra & 15, at & 63)]
            return chunks.encode_sack(chunks.Sack(tsn, extra, gaps, [tsn]))
        case 2:
            return chunks.encode_forward_tsn(chunks.ForwardTsn(tsn, [(stream, extra)]))
        case 3:
            request = reconfig.OutgoingResetRequest(tsn, tsn, tsn, (stream,))
            body = reconfig.encode_reconfig_parameter(request)
            return chunks.encode_chunk(130, 0, body)
        case 4:
            response = reconfig.ReconfigResponse(tsn, extra % 8)
            return chunks.encode_chunk(130, 0, reconfig.encode_reconfig_parameter(response))
        case 5:
            return chunks.encode_chunk(extra & 15, extra >> 8, encode_item(at & 15, value))
        case _:
            return chunks.encode_chunk(4, 0, encode_item(1, value))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=300)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 6), NEAR, U16, st.binary(max_size=30)),
            min_size=1,
            max_size=4,
        ),
        max_size=12,
    )
)
def test_plausible_lies_never_raise(
    packets: Sequence[Sequence[tuple[int, int, int, bytes]]],
) -> None:
    pair = SctpPair().connect()
    for number in range(6):
        pair.left.sctp.send(number % 3, 53, bytes(700), pair.now, max_retransmits=number % 2)
    for index, content in enumerate(packets):
        end = pair.ends[index % 2]
        base = pair.next_tsn_for(end)
        pair.inject(
            end, *(chunk_from(kind, base, at, extra, value) for kind, at, extra, value in content)
        )
        pair.run(0.02)
        reassembly = end.sctp._machines.receiver.reassembly
        assert reassembly.held >= reassembly.unread >= 0
        assert end.sctp.bytes_in_flight >= 0
        assert end.sctp.buffered_total >= 0
    pair.run(5.0)
