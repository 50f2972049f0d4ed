"""Streams take turns, one message each: a stream with much to say holds nobody up for long."""

from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair

SLOW = LinkConditions(delay=0.05)


def test_a_small_message_waits_for_one_message_of_each_other_stream_at_most() -> None:
    pair = SctpPair(conditions=SLOW).connect()
    for _ in range(20):
        for stream in (1, 2):
            pair.left.sctp.send(stream, 53, bytes(100_000), pair.now)
    pair.run(0.3)
    pair.left.sctp.send(3, 53, b"urgent", pair.now)
    before = len(pair.right.messages)
    assert pair.link.run(30.0, lambda: bool(pair.right.payloads(3)))
    assert len(pair.right.messages) - before <= 6


def test_streams_with_equal_messages_advance_together() -> None:
    pair = SctpPair(conditions=SLOW).connect()
    for stream in range(5):
        for _ in range(30):
            pair.left.sctp.send(stream, 53, bytes(5000), pair.now)
    pair.run_until_received(pair.right, 75, 60.0)
    counts = [len(pair.right.payloads(stream)) for stream in range(5)]
    assert max(counts) - min(counts) <= 2


def test_a_stream_that_never_pauses_cannot_starve_one_that_waits() -> None:
    pair = SctpPair(conditions=SLOW).connect()
    pair.left.sctp.send(1, 53, bytes(200_000), pair.now)
    pair.left.sctp.send(2, 53, b"waits", pair.now)
    while not pair.right.payloads(2):
        while pair.left.sctp.buffered(1) < 400_000:
            pair.left.sctp.send(1, 53, bytes(50_000), pair.now)
        pair.run(0.05)
        assert len(pair.right.payloads(1)) < 12
