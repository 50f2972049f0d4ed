"""Work and memory that a peer can cause with tiny chunks stay bounded."""

from collections.abc import Iterable

import pytest

from purertc.sansio.sctp import SctpConfig
from purertc.sansio.sctp.reassembly import EarlyChunk
from tests.support.compiled import COMPILED
from tests.support.sctp_pair import SctpPair, data_chunk

# The algorithm is that of the interpreted module, where each look-up can be counted.
look_ups_can_be_counted = pytest.mark.skipif(
    COMPILED, reason="a compiled module reads a dict without calling its methods"
)

MIDDLE, LAST, FIRST, WHOLE = 0, 1, 2, 3


class CountingDict(dict[int, EarlyChunk | None]):
    """Counts how often something is looked up."""

    lookups = 0

    def get(self, key: int) -> EarlyChunk | None:  # type: ignore[override]  # all that is used
        self.lookups += 1
        return super().get(key)


def count_lookups(pair: SctpPair) -> CountingDict:
    reassembly = pair.right.sctp._machines.receiver.reassembly
    reassembly._early = counter = CountingDict(reassembly._early)
    return counter


def inject(pair: SctpPair, tsns: Iterable[int], flags: int) -> None:
    pair.inject(pair.right, *(data_chunk(tsn, b"x", flags=flags) for tsn in tsns))


@look_ups_can_be_counted
def test_filling_holes_between_middle_fragments_is_linear_work() -> None:
    pair = SctpPair().connect()
    base = pair.next_tsn_for(pair.right)
    inject(pair, [base + 1], FIRST)
    inject(pair, range(base + 3, base + 3000, 2), MIDDLE)
    counter = count_lookups(pair)
    inject(pair, range(base + 2, base + 3000, 2), MIDDLE)
    assert 1500 < counter.lookups < 1500 * 1100


@look_ups_can_be_counted
def test_last_fragments_without_a_first_one_are_linear_work() -> None:
    pair = SctpPair().connect()
    base = pair.next_tsn_for(pair.right)
    counter = count_lookups(pair)
    inject(pair, range(base + 1, base + 6000), MIDDLE)
    counter.lookups = 0
    inject(pair, range(base + 6000, base + 7000), LAST)
    assert counter.lookups < 1000 * 5 + 1000


def test_a_message_of_many_fragments_behind_a_gap_arrives_once_the_gap_is_closed() -> None:
    pair = SctpPair().connect()
    base = pair.next_tsn_for(pair.right)
    inject(pair, [base + 1], FIRST)
    inject(pair, range(base + 2, base + 2001), MIDDLE)
    inject(pair, [base + 2001], LAST)
    assert not pair.right.messages
    pair.inject(pair.right, data_chunk(base, b"gap", stream=2))
    assert pair.right.payloads() == [b"gap", b"x" * 2001]


def test_tiny_messages_that_nobody_reads_are_refused_when_they_cost_too_much() -> None:
    config = SctpConfig(receive_window=20_000, max_message_size=10_000)
    pair = SctpPair(right_config=config).connect()
    pair.right.reading = False
    base = pair.next_tsn_for(pair.right)
    for first in range(0, 5000, 50):
        pair.inject(
            pair.right,
            *(data_chunk(base + n, b"x", number=n) for n in range(first, first + 50)),
        )
    assert 200 < len(pair.right.messages) < 1000
    assert pair.right.sctp.dropped > 3000


def test_messages_that_lack_a_predecessor_count_against_the_window() -> None:
    pair = SctpPair().connect()
    receiver = pair.right.sctp._machines.receiver
    before, base = receiver.window(), pair.next_tsn_for(pair.right)
    pair.inject(pair.right, *(data_chunk(base + n, b"x", number=n + 2) for n in range(100)))
    assert not pair.right.messages
    assert receiver.window() == before - 100 * 65


def test_a_message_sent_again_under_another_tsn_is_counted_once() -> None:
    pair = SctpPair().connect()
    base = pair.next_tsn_for(pair.right)
    pair.inject(pair.right, *(data_chunk(base + n, b"x" * 50, number=7) for n in range(9)))
    reassembly = pair.right.sctp._machines.receiver.reassembly
    assert reassembly.held == 50


def test_a_stream_reset_forgets_what_lacks_a_predecessor() -> None:
    pair = SctpPair().connect()
    base = pair.next_tsn_for(pair.right)
    pair.inject(pair.right, data_chunk(base, b"stray", number=1))
    reassembly = pair.right.sctp._machines.receiver.reassembly
    reassembly.reset((1,))
    assert reassembly.charge() == 0
    pair.inject(pair.right, data_chunk(base + 1, b"new", number=0))
    assert pair.right.payloads() == [b"new"]
