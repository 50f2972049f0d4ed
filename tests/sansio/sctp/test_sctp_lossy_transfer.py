"""Reliable messages arrive once, in order and in bounded time on bad links.

PURERTC_SEEDS sets how many seeds each condition is tried with.
"""

import os
from random import Random

import pytest

from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair

SEEDS = int(os.environ.get("PURERTC_SEEDS", "100"))
SIZES = (1, 20_000, 3_000, 1, 42_534)


def transfer(seed: int, conditions: LinkConditions) -> float:
    """Send 64 KiB each way in five messages; return how long the left's took."""
    pair = SctpPair(seed=seed, conditions=conditions).connect(120.0)
    random = Random(seed)
    forth = [random.randbytes(size) for size in SIZES]
    back = [random.randbytes(700)] * 3
    for message in forth:
        pair.left.sctp.send(1, 53, message, pair.now)
    for message in back:
        pair.right.sctp.send(2, 53, message, pair.now)
    took = pair.run_until_received(pair.right, len(forth), 120.0)
    pair.run_until_received(pair.left, len(back), 120.0)
    pair.run(3.0)
    assert pair.right.payloads() == forth
    assert pair.left.payloads() == back
    assert pair.left.sctp.bad_packets == pair.right.sctp.bad_packets == 0
    return took


@pytest.mark.parametrize(
    ("percent", "slowest", "usual"),
    [(0, 0.5, 0.5), (1, 3, 1), (2, 5, 1.5), (5, 10, 2), (10, 20, 5), (20, 35, 30)],
)
def test_loss(percent: int, slowest: float, usual: float) -> None:
    conditions = LinkConditions(loss=percent / 100)
    times = sorted(transfer(seed, conditions) for seed in range(SEEDS))
    assert times[-1] <= slowest
    assert times[int(len(times) * 0.99) - 1] < usual


@pytest.mark.parametrize(("percent", "slowest"), [(0, 2), (2, 5), (10, 20), (20, 35)])
def test_loss_with_reordering_and_duplication(percent: int, slowest: float) -> None:
    conditions = LinkConditions(loss=percent / 100, duplication=0.03, reordering=0.05, jitter=0.003)
    times = [transfer(seed, conditions) for seed in range(1000, 1000 + SEEDS)]
    assert max(times) <= slowest


def test_acknowledgements_alone_may_be_lost() -> None:
    for seed in range(SEEDS // 4):
        pair = SctpPair(seed=seed, back=LinkConditions(loss=0.2)).connect()
        messages = [Random(seed).randbytes(30_000) for _ in range(5)]
        for message in messages:
            pair.left.sctp.send(0, 53, message, pair.now)
        pair.run_until_received(pair.right, 5, 20.0)
        pair.run(5.0)
        assert pair.right.payloads() == messages
        assert pair.left.sctp.bytes_in_flight == 0


def test_a_slow_and_jittery_path() -> None:
    conditions = LinkConditions(delay=0.3, jitter=0.2, loss=0.01)
    for seed in range(SEEDS // 4):
        assert transfer(seed, conditions) < 20.0


def test_time_out_does_not_outlive_the_outage() -> None:
    pair = SctpPair().connect()
    pair.link.drop = lambda sender, packet: True
    pair.left.sctp.send(1, 53, bytes(50_000), pair.now)
    pair.run(20.0)
    pair.link.drop = None
    assert pair.run_until_received(pair.right, 1, 20.0) < 5.0
    pair.left.sctp.send(1, 53, bytes(50_000), pair.now)
    assert pair.run_until_received(pair.right, 2, 20.0) < 1.0
