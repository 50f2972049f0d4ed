"""Windows are spread over long round trips; short ones are not worth a timer."""

from math import inf

from purertc.sansio.sctp.pacing import Pacer
from tests.support.bottleneck_link import Bottleneck
from tests.support.bulk_flow import BulkFlow


def test_a_burst_is_a_small_part_of_the_window() -> None:
    pacer = Pacer(1000)
    assert pacer.credit(200_000, 0.1, 0.1, slow_start=False, now=5.0) == 10_000
    pacer.used(10_000, 5.0, more=True)
    assert pacer.deadline is not None
    assert 0.001 < pacer.deadline - 5.0 < 0.01
    credit = pacer.credit(200_000, 0.1, 0.1, slow_start=False, now=pacer.deadline)
    assert credit is not None
    assert credit >= 4_999


def test_a_window_leaves_within_a_round_trip() -> None:
    pacer, now, sent = Pacer(1000), 5.0, 0
    while sent < 200_000:
        credit = pacer.credit(200_000, 0.1, 0.1, slow_start=False, now=now)
        assert credit is not None
        sent += credit
        pacer.used(credit, now, more=True)
        assert pacer.deadline is not None
        now = pacer.deadline
    assert 0.06 < now - 5.0 < 0.1


def test_short_round_trips_are_not_paced() -> None:
    pacer = Pacer(1000)
    assert pacer.credit(200_000, 0.0019, 0.0019, slow_start=True, now=1.0) is None
    assert pacer.credit(200_000, None, inf, slow_start=True, now=1.0) is None
    assert pacer.credit(200_000, 0.1, 0.001, slow_start=True, now=1.0) is None
    assert pacer.deadline is None


def test_nothing_held_back_is_no_deadline() -> None:
    pacer = Pacer(1000)
    pacer.credit(200_000, 0.1, 0.1, slow_start=False, now=5.0)
    pacer.used(3_000, 5.0, more=False)
    assert pacer.deadline is None


def test_a_shallow_queue_is_not_overrun_by_bursts() -> None:
    shallow = Bottleneck(rate=1e8, delay=0.02, queue=60_000, loss=0.001, coalescing=0.0005)
    flow = BulkFlow(shallow, seed=3)
    flow.run(2.0)
    sent, overflowed = flow.forth.sent, flow.forth.overflowed
    assert flow.run(3.0) > 20
    assert flow.forth.overflowed - overflowed < (flow.forth.sent - sent) / 100
