"""Streams take turns, one message each: a stream with much to say holds nobody up for long."""

from tests.support.bottleneck_link import Bottleneck
from tests.support.bulk_flow import BulkFlow
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


def test_ten_streams_get_equal_shares_of_a_narrow_path() -> None:
    narrow = Bottleneck(rate=2e7, delay=0.01, queue=100_000, loss=0.002, coalescing=0.001)
    flow = BulkFlow(narrow, streams=10, message_size=3_000)
    flow.run(3.0)
    shares = flow.by_stream
    jain = sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))
    assert jain > 0.999


def test_streams_with_long_and_short_messages_take_turns_all_the_same() -> None:
    pair = SctpPair(conditions=SLOW).connect()
    for _ in range(200):
        pair.left.sctp.send(1, 53, bytes(100), pair.now)
        pair.left.sctp.send(2, 53, bytes(2_000), pair.now)
    pair.run_until_received(pair.right, 200, 60.0)
    assert abs(len(pair.right.payloads(1)) - len(pair.right.payloads(2))) <= 12
