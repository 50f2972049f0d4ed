"""Small messages of one length, which are sent and taken in runs, arrive as any others do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purertc.sansio.sctp import SctpConfig
from purertc.wire.sctp.chunks import BEGIN, END, UNORDERED, ChunkType
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair, chunks_in, data_chunk

WHOLE = BEGIN | END


def warm(pair: SctpPair) -> SctpPair:
    """Connect, and widen the congestion window."""
    pair.connect()
    pair.left.sctp.send(1, 53, bytes(200_000), pair.now)
    pair.run_until_received(pair.right, 1, 60.0)
    pair.right.messages.clear()
    return pair


def texts(count: int, size: int) -> list[bytes]:
    return [number.to_bytes(4, "big") + bytes(size - 4) for number in range(count)]


def data_flags(packets: list[bytes]) -> list[list[int]]:
    """Return the flags of the DATA chunks in each packet."""
    return [
        [flags for kind, flags, _ in chunks_in(packet) if kind == ChunkType.DATA]
        for packet in packets
    ]


@pytest.mark.parametrize("loss", [0.0, 0.05])
@pytest.mark.parametrize("size", [4, 5, 100, 270])
@pytest.mark.parametrize("ordered", [True, False])
def test_all_arrive(size: int, ordered: bool, loss: float) -> None:
    pair = warm(SctpPair(seed=size, conditions=LinkConditions(loss=loss, reordering=loss)))
    messages = texts(2_000, size)
    for message in messages:
        pair.left.sctp.send(1, 53, message, pair.now, ordered=ordered)
    pair.run_until_received(pair.right, len(messages), 60.0)
    received = pair.right.payloads()
    assert (received if ordered else sorted(received)) == messages
    pair.run(1.0)
    assert pair.left.sctp.take_released() == {1: 200_000 + 2_000 * size}
    assert pair.left.sctp.bytes_in_flight == pair.left.sctp.buffered_total == 0
    assert pair.right.sctp._machines.receiver.reassembly.held == 0


@pytest.mark.parametrize("before", [0, 1, 7, 10, 333])
def test_both_numbers_wrap_around(before: int) -> None:
    pair = SctpPair()
    first = 2**32 - 173 - before
    for end in pair.ends:
        end.sctp._machines.handshake.local_tsn = first
    warm(pair)
    number = (65_536 - before) % 65_536
    pair.left.sctp._machines.sender.queue._streams[1].sequence = number
    pair.right.sctp._machines.receiver.reassembly._expected_sequence[1] = number
    messages = texts(1_000, 100)
    for message in messages:
        pair.left.sctp.send(1, 53, message, pair.now)
    pair.run_until_received(pair.right, len(messages), 60.0)
    assert pair.right.payloads() == messages


def test_other_lengths_kinds_and_streams_in_between_keep_their_places() -> None:
    pair = warm(SctpPair())
    sent = [
        (1 + number // 100 % 2, 51 if number % 50 == 7 else 53, bytes([number % 251]) * size)
        for number, size in enumerate([40] * 90 + [41] * 30 + [5_000] + [40] * 200 + [8, 9] * 50)
    ]
    for stream, ppid, message in sent:
        pair.left.sctp.send(stream, ppid, message, pair.now)
    pair.run_until_received(pair.right, len(sent), 60.0)
    for stream in (1, 2):
        expected = [message for message in sent if message[0] == stream]
        assert [each for each in pair.right.messages if each[0] == stream] == expected


def test_messages_with_limits_in_between_keep_their_places() -> None:
    pair = warm(SctpPair())
    messages = texts(600, 60)
    for number, message in enumerate(messages):
        limit = 3 if number % 100 == 50 else None
        pair.left.sctp.send(1, 53, message, pair.now, max_retransmits=limit)
    pair.run_until_received(pair.right, len(messages), 60.0)
    assert pair.right.payloads() == messages


@pytest.mark.parametrize("mtu", [1188, 1300, 1400, 1460])
def test_a_small_message_is_not_cut_to_fill_a_packet_that_is_almost_full(mtu: int) -> None:
    pair = warm(SctpPair(config=SctpConfig(mtu=mtu)))
    for message in texts(35, 100):
        pair.left.sctp.send(1, 53, message, pair.now)
    flags = data_flags(pair.left.sctp.packets(pair.now))
    assert {each for packet in flags for each in packet} == {WHOLE}
    assert {len(packet) for packet in flags[:-1]} == {(mtu - 12) // 116}


def test_a_message_of_half_a_packet_is_cut_to_fill_it() -> None:
    pair = warm(SctpPair())
    for message in texts(10, 700):
        pair.left.sctp.send(1, 53, message, pair.now)
    packets = pair.left.sctp.packets(pair.now)
    assert {len(packet) for packet in packets[:-1]} == {1188}


def test_after_a_message_that_was_cut_whole_ones_follow_in_the_same_packet() -> None:
    pair = warm(SctpPair())
    pair.left.sctp.send(1, 53, bytes(1_500), pair.now)
    for message in texts(20, 50):
        pair.left.sctp.send(1, 53, message, pair.now)
    flags = data_flags(pair.left.sctp.packets(pair.now))
    assert flags[:2] == [[BEGIN], [END] + [WHOLE] * 12]


def taken(chunks: list[bytes], first: int, *, together: bool) -> tuple[object, ...]:
    """Return what a receiver makes of chunks, in one packet or each in its own."""
    pair = SctpPair()
    for end in pair.ends:
        end.sctp._machines.handshake.local_tsn = first
    pair.connect()
    pair.right.sctp._machines.receiver.reassembly._expected_sequence[1] = 65_530
    for packet in [chunks] if together else [[chunk] for chunk in chunks]:
        pair.inject(pair.right, *packet)
    sctp = pair.right.sctp
    receiver = sctp._machines.receiver
    return (
        pair.right.messages,
        receiver.cumulative,
        receiver.reassembly.held,
        sctp.dropped,
        sctp.duplicates,
        sctp.bad_packets,
    )


SIZES = st.integers(1, 40)
ODD_ONE = st.tuples(
    st.integers(-1, 2),  # how far its TSN is from its place
    st.integers(-1, 1),  # and its sequence number
    st.sampled_from([1, 2]),
    st.sampled_from([WHOLE, WHOLE | UNORDERED, BEGIN, END, 0]),
    SIZES,
)


@settings(deadline=None, max_examples=150)
@given(
    st.integers(0, 20),
    SIZES,
    st.lists(st.one_of(st.none(), st.none(), st.none(), ODD_ONE), min_size=4, max_size=20),
)
def test_a_run_is_taken_as_its_chunks_one_by_one(
    before: int, size: int, content: list[tuple[int, int, int, int, int] | None]
) -> None:
    first = (2**32 - before) % 2**32
    chunks = []
    for place, odd in enumerate(content):
        late, shifted, stream, flags, length = odd or (0, 0, 1, WHOLE, size)
        number, payload = 65_530 + place + shifted, bytes([place]) * length
        tsn = first + place + late
        chunks.append(data_chunk(tsn, payload, stream=stream, number=number, flags=flags))
    assert taken(chunks, first, together=True) == taken(chunks, first, together=False)
