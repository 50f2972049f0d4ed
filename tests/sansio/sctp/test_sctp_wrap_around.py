"""Numbers wrap around: TSNs, stream sequence numbers, request numbers (RFC 1982)."""

import pytest

from purertc.sansio.sctp import StreamsReset
from purertc.sansio.sctp.outgoing_stream import OutgoingStream
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair


@pytest.mark.parametrize("first", [2**32 - 5, 2**32 - 1, 2**31 - 3, 0])
@pytest.mark.parametrize("limited", [False, True])
def test_tsns(first: int, limited: bool) -> None:
    bad = LinkConditions(loss=0.1, duplication=0.05, reordering=0.1)
    pair = SctpPair(seed=3, conditions=bad)
    for end in pair.ends:
        end.sctp._machines.handshake.local_tsn = first
    pair.connect()
    messages = [number.to_bytes(2, "big") * 700 for number in range(40)]
    for number, message in enumerate(messages):
        pair.left.sctp.send(1, 53, message, pair.now)
        if limited:
            pair.left.sctp.send(2, 53, message, pair.now, max_retransmits=0)
        if number == 20:
            pair.left.sctp.reset_streams([1], pair.now)
    pair.run(60.0)
    assert pair.right.payloads(1) == messages
    assert StreamsReset((1,)) in pair.right.events
    assert pair.left.sctp.bytes_in_flight == pair.left.sctp.buffered_total == 0
    assert pair.right.sctp._machines.receiver.reassembly.held == 0


def test_stream_sequence_numbers() -> None:
    pair = SctpPair(conditions=LinkConditions(delay=0.001)).connect()
    count = 66_000
    for number in range(count):
        pair.left.sctp.send(1, 53, number.to_bytes(3, "big"), pair.now)
    pair.run_until_received(pair.right, count, 60.0)
    assert pair.right.payloads() == [number.to_bytes(3, "big") for number in range(count)]


def test_skipped_stream_sequence_numbers() -> None:
    pair = SctpPair().connect()
    for end in (pair.left, pair.right):
        machines = end.sctp._machines
        stream = machines.sender.queue._streams[1] = OutgoingStream(1)
        stream.sequence = 65_534
        machines.receiver.reassembly._expected_sequence[1] = 65_534
    lost = {65_535, 0}

    def drop(sender: int, packet: bytes) -> bool:
        return sender == 0 and len(packet) == 12 + 16 + 76

    pair.link.drop = drop
    for number in (65_534, 65_535, 0, 1):
        size = 76 if number in lost else 40
        pair.left.sctp.send(1, 53, bytes(size), pair.now, max_retransmits=0)
        pair.link.flush()
    pair.run(5.0)
    assert pair.right.payloads() == [bytes(40), bytes(40)]
    assert pair.right.sctp._machines.receiver.reassembly._expected_sequence[1] == 2
