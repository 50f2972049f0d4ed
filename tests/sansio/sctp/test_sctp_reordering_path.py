"""A path that brings packets out of order is learned, and is not taken for a lossy one."""

import pytest

from purertc.sansio.sctp.congestion import CongestionControl
from purertc.sansio.sctp.outstanding import Outstanding
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair


@pytest.mark.parametrize(
    "conditions",
    [
        LinkConditions(reordering=0.1),
        LinkConditions(reordering=0.3, reordering_delay=0.01),
        LinkConditions(jitter=0.01),
    ],
    ids=["some", "many", "jitter"],
)
def test_three_megabytes(conditions: LinkConditions) -> None:
    for seed in range(3):
        pair = SctpPair(seed=seed, conditions=conditions).connect()
        messages = [number.to_bytes(2, "big") * 10_000 for number in range(150)]
        for message in messages:
            pair.left.sctp.send(1, 53, message, pair.now)
        assert pair.run_until_received(pair.right, 150, 60.0) < 6.0
        assert pair.right.payloads() == messages
        assert pair.left.sctp.retransmission_timeouts == 0


def suspicious() -> Outstanding:
    """Return a record whose chunk 100 was counted as lost and sent again."""
    outstanding = Outstanding(100)
    outstanding.extend([b"x"] * 20, [1] * 20, list(range(1, 21)))
    outstanding.acknowledge_gaps([(2, 4)])
    assert outstanding.find_lost() == [100]
    outstanding.serial = 20
    outstanding.resend(100, 1.0)
    return outstanding


def test_a_duplicate_of_what_was_counted_as_lost_allows_more_reordering() -> None:
    outstanding = suspicious()
    outstanding.acknowledge(103)
    assert outstanding.arrived_twice([100])
    outstanding.allow_reordering()
    assert outstanding.reordering == 6
    outstanding.acknowledge_gaps([(2, 6)])
    assert outstanding.find_lost() == []
    outstanding.acknowledge_gaps([(2, 7)])
    assert outstanding.find_lost() == [104]


def test_other_duplicates_say_nothing() -> None:
    outstanding = suspicious()
    assert not outstanding.arrived_twice([99, 101, 105, 5000])


def test_one_report_counts_once() -> None:
    outstanding = suspicious()
    assert outstanding.arrived_twice([100])
    assert not outstanding.arrived_twice([100])


def test_the_window_is_restored_once() -> None:
    congestion = CongestionControl(1000)
    before = congestion.window
    congestion.lost(1000, 500)
    assert congestion.window < before
    assert congestion.undo_loss()
    assert (congestion.window, congestion.recovering) == (before, False)
    assert not congestion.undo_loss()


def test_a_timeout_cannot_be_undone() -> None:
    congestion = CongestionControl(1000)
    congestion.lost(1000, 500)
    congestion.timed_out()
    assert not congestion.undo_loss()
    assert congestion.window == 1000


def test_a_timeout_begins_anew() -> None:
    outstanding = suspicious()
    outstanding.allow_reordering()
    outstanding.lose_all()
    assert outstanding.reordering == 3
