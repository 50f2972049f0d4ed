"""A short path that loses packets at random is used all the same."""

import pytest

from tests.support.bottleneck_link import Bottleneck
from tests.support.bulk_flow import BulkFlow


def nearby(round_trip: float, loss: float) -> Bottleneck:
    """A gigabit link."""
    return Bottleneck(rate=1e9, delay=round_trip / 2, queue=1_000_000, loss=loss, coalescing=0.0001)


@pytest.mark.parametrize("round_trip", [0.0002, 0.001])
def test_one_percent_in_both_directions_costs_little(round_trip: float) -> None:
    flow = BulkFlow(nearby(round_trip, 0.01), seed=5)
    assert flow.run(0.15) > 750
    assert flow.forth.lost > 50
    assert flow.sender.retransmission_timeouts == 0


def test_five_percent_are_no_collapse() -> None:
    flow = BulkFlow(nearby(0.001, 0.05), seed=5)
    assert flow.run(0.3) > 200
    assert flow.sender.retransmission_timeouts == 0


def test_the_queue_of_two_milliseconds_is_not_exceeded() -> None:
    flow = BulkFlow(nearby(0.0005, 0.01), seed=6)
    flow.run(0.15)
    assert flow.forth.longest_queue < 1e9 / 8 * 0.004
    assert flow.forth.overflowed == 0
