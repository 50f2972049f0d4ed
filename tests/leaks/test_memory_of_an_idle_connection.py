"""What a connection keeps while nothing is sent stays small.

Only what Python allocates is counted, not the TLS library and not the sockets.
"""

import gc
import tracemalloc

from purertc.sansio.config import Configuration
from tests.support.peer_pair import PeerPair

PAIRS = 10
BUDGET = 34 * 1024
"""Bytes of one peer with an open channel, a fifth more than it takes: Python versions differ."""


def open_pair(seed: int) -> PeerPair:
    """Connect two peers, and forget what they said."""
    pair = PeerPair(seed=seed, configuration=Configuration())
    pair.connect()
    for side in (pair.a, pair.b):
        side.events.clear()
    return pair


def test_a_peer_keeps_within_its_budget() -> None:
    kept = [open_pair(seed) for seed in range(3)]
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept += [open_pair(seed) for seed in range(10, 10 + PAIRS)]
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / (2 * PAIRS) < BUDGET
