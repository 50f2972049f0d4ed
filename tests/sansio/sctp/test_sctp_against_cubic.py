"""A long path is used at least as well as TCP CUBIC would use it."""

import pytest

from tests.support.bottleneck_link import Bottleneck
from tests.support.bulk_flow import BulkFlow
from tests.support.cubic_flow import CubicFlow


def long_path(loss: float, queue: int) -> Bottleneck:
    """100 Mbit/s with a round trip of 50 ms, whose bandwidth-delay product is 625 kB."""
    return Bottleneck(rate=1e8, delay=0.025, queue=queue, loss=loss, coalescing=0.0005)


@pytest.mark.parametrize(
    ("loss", "queue"), [(0.001, 625_000), (0.0, 625_000), (0.0, 125_000)], ids=str
)
def test_goodput(loss: float, queue: int) -> None:
    conditions = long_path(loss, queue)
    flow = BulkFlow(conditions, seed=2)
    flow.run(1.0)
    reference = CubicFlow(conditions, seed=2)
    reference.run(1.0)
    assert flow.run(5.0) > 0.9 * reference.run(5.0)
    assert flow.sender.retransmission_timeouts == 0


def test_random_loss_leaves_no_queue() -> None:
    flow = BulkFlow(long_path(0.001, 625_000), seed=2)
    flow.run(3.0)
    flow.forth.longest_queue = 0
    flow.run(3.0)
    assert flow.forth.longest_queue < 100_000


def test_the_model_is_what_the_response_function_says() -> None:
    """RFC 9438 section 5.1: 0.1 % loss lets the Reno-friendly region decide."""
    reference = CubicFlow(long_path(0.001, 625_000), seed=4)
    reference.run(10.0)
    megabits = reference.run(40.0)
    segments = megabits * 1e6 / 8 / 1160 * 0.05
    assert 25 < segments < 60
