"""A path with room for seconds of packets is not filled with them."""

from purertc.sansio.sctp.congestion import CongestionControl
from tests.support.bottleneck_link import Bottleneck
from tests.support.bulk_flow import BulkFlow


def test_the_queue_stands_for_two_tenths_of_a_second_at_most() -> None:
    deep = Bottleneck(rate=2e7, delay=0.025, queue=10_000_000, coalescing=0.001)
    flow = BulkFlow(deep, seed=1)
    assert flow.run(8.0) > 15
    assert flow.forth.longest_queue * 8 / 2e7 < 0.2
    assert flow.forth.overflowed == 0


def full(control: CongestionControl, tsn: int, round_trip: float, now: float) -> int:
    """Send a window and have it acknowledged at once; return its size."""
    size = control.window
    control.delivery.sent(tsn, now)
    control.limited = True
    control.delivery.acknowledged(tsn, size, tsn + 1, now + round_trip)
    control.acknowledged(size, tsn, now + round_trip)
    return size


def test_the_shortest_round_trip_is_measured_again_with_a_smaller_window() -> None:
    control = CongestionControl(1000)
    now = 0.0
    for tsn in range(10):
        full(control, tsn, 0.02, now)
        now += 0.02
    before = control.window
    for tsn in range(10, 14):
        full(control, tsn, 0.3, now)
        now += 0.3
    assert control.window == before
    full(control, 14, 0.3, now + 31)
    assert control.window < before
    full(control, 15, 0.25, now + 32)
    assert control.delivery.shortest == 0.25
