"""Streams are reset after their data, and can be used again (RFC 6525)."""

import pytest

from purertc.sansio.sctp import OutgoingResetDone, StreamsReset
from purertc.wire.sctp.chunks import ChunkType, encode_chunk
from purertc.wire.sctp.reconfig import (
    AddStreamsRequest,
    IncomingResetRequest,
    OutgoingResetRequest,
    ReconfigParameter,
    ReconfigResponse,
    ReconfigResult,
    encode_reconfig_parameter,
    parse_reconfig,
)
from purertc.wire.serial import SERIAL_MASK
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import Endpoint, SctpPair, chunks_in


def both_have(pair: SctpPair, *streams: int) -> bool:
    return (
        OutgoingResetDone(streams) in pair.left.events
        and StreamsReset(streams) in pair.right.events
    )


@pytest.mark.parametrize("size", [10, 30_000])
def test_queued_data_goes_first(size: int) -> None:
    pair = SctpPair().connect()
    for number in range(3):
        pair.left.sctp.send(4, 53, bytes([number]) * size, pair.now)
    pair.left.sctp.reset_streams([4], pair.now)
    seen: list[int] = []

    def reset_seen() -> bool:
        if StreamsReset((4,)) in pair.right.events:
            seen.append(len(pair.right.messages))
        return bool(seen)

    pair.link.run(10.0, reset_seen)
    assert seen == [3]
    assert pair.link.run(5.0, lambda: both_have(pair, 4))


def test_a_stream_is_used_again_from_sequence_number_zero() -> None:
    pair = SctpPair().connect()
    for _ in range(3):
        pair.left.sctp.send(4, 53, b"before", pair.now)
    pair.left.sctp.reset_streams([4], pair.now)
    assert pair.link.run(5.0, lambda: both_have(pair, 4))
    pair.left.sctp.send(4, 53, b"after", pair.now)
    numbers: list[bytes] = []

    def note(sender: int, packet: bytes) -> bool:
        numbers.extend(value[6:8] for kind, _, value in chunks_in(packet) if kind == 0)
        return False

    pair.link.drop = note
    pair.run_until_received(pair.right, 4, 5.0)
    assert pair.right.payloads()[-1] == b"after"
    assert numbers == [b"\x00\x00"]


def test_what_is_sent_during_the_reset_comes_after_it() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(4, 53, b"before", pair.now)
    pair.left.sctp.reset_streams([4], pair.now)
    pair.link.flush()
    pair.left.sctp.send(4, 53, b"after", pair.now)
    pair.left.sctp.send(5, 53, b"elsewhere", pair.now)
    pair.run_until_received(pair.right, 3, 5.0)
    assert pair.right.payloads() == [b"before", b"elsewhere", b"after"]
    assert both_have(pair, 4)


def reset_both_ways(end: Endpoint) -> bool:
    return {OutgoingResetDone((7,)), StreamsReset((7,))} <= set(end.events)


@pytest.mark.parametrize("seed", range(15))
def test_both_directions_under_loss_with_reuse(seed: int) -> None:
    bad = LinkConditions(loss=0.15, reordering=0.1, duplication=0.1)
    pair = SctpPair(seed=seed, conditions=bad).connect(60.0)
    for turn in range(3):
        for end in pair.ends:
            end.events.clear()
            for number in range(5):
                end.sctp.send(7, 53, bytes([turn, number]) * 700, pair.now)
            end.sctp.reset_streams([7], pair.now)
        assert pair.link.run(60.0, lambda: all(map(reset_both_ways, pair.ends)))
        for end in pair.ends:
            expected = [bytes([turn, number]) * 700 for number in range(5)]
            assert end.payloads()[-5:] == expected
    assert len(pair.left.messages) == len(pair.right.messages) == 15


def test_many_streams_at_once() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.reset_streams(range(1000), pair.now)
    pair.run(10.0)
    done = [event for event in pair.left.events if isinstance(event, OutgoingResetDone)]
    reset = [event for event in pair.right.events if isinstance(event, StreamsReset)]
    assert sorted(stream for event in done for stream in event.streams) == list(range(1000))
    assert sorted(stream for event in reset for stream in event.streams) == list(range(1000))


def ask(pair: SctpPair, end: Endpoint, request: ReconfigParameter) -> ReconfigParameter:
    """Give ``end`` a request and return its answer."""
    value = encode_reconfig_parameter(request)
    pair.inject(end, encode_chunk(ChunkType.RE_CONFIG, 0, value))
    for packet in end.sctp.packets(pair.now):
        for kind, _, answer in chunks_in(packet):
            if kind == ChunkType.RE_CONFIG:
                return parse_reconfig(answer)[0]
    raise AssertionError("no answer")


def test_answers_to_requests() -> None:
    pair = SctpPair().connect()
    tsn = pair.next_tsn_for(pair.right)
    last = (tsn - 1) & SERIAL_MASK
    one, two, three = ((tsn + step) & SERIAL_MASK for step in range(3))
    reset = OutgoingResetRequest(one, 0, last, (3,))
    performed = ReconfigResponse(one, ReconfigResult.PERFORMED)
    assert ask(pair, pair.right, reset) == performed
    assert ask(pair, pair.right, reset) == performed
    assert pair.right.events.count(StreamsReset((3,))) == 1
    assert ask(pair, pair.right, IncomingResetRequest(two, (3,))) == ReconfigResponse(
        two, ReconfigResult.DENIED
    )
    assert ask(pair, pair.right, AddStreamsRequest(three, 5, outgoing=True)) == ReconfigResponse(
        three, ReconfigResult.DENIED
    )
    odd = (tsn + 77) & SERIAL_MASK
    assert ask(pair, pair.right, OutgoingResetRequest(odd, 0, last, (3,))) == ReconfigResponse(
        odd, ReconfigResult.BAD_SEQUENCE_NUMBER
    )


def test_a_request_ahead_of_its_data_waits() -> None:
    pair = SctpPair().connect()
    tsn = pair.next_tsn_for(pair.right)
    answer = ask(pair, pair.right, OutgoingResetRequest(tsn, 0, tsn, (3,)))
    assert answer == ReconfigResponse(tsn, ReconfigResult.IN_PROGRESS)
    assert StreamsReset((3,)) not in pair.right.events
    pair.left.sctp.send(3, 53, b"the missing data", pair.now)
    pair.run_until_received(pair.right, 1, 5.0)
    assert StreamsReset((3,)) in pair.right.events


def test_a_peer_that_never_answers_ends_the_association() -> None:
    pair = SctpPair().connect()
    pair.link.drop = lambda sender, packet: sender == 1
    pair.left.sctp.reset_streams([1], pair.now)
    pair.run(120.0)
    assert "stream reset" in str(pair.left.events[-1])
