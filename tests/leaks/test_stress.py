"""Many connections, opened and closed in any overlapping order with faults, leave nothing.

``PURERTC_STRESS_CONNECTIONS`` is how many; the count for every day is a few hundred.
"""

import os
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import pytest

import purertc
from purertc import handler_tasks
from tests.support.faults import Fault, live_many
from tests.support.leftovers import leftovers_of, leftovers_on_trio, memory_growth

CONNECTIONS = int(os.environ.get("PURERTC_STRESS_CONNECTIONS", "300"))

AT_ONCE = 24
ROUNDS = 4
WARM_UP = 2
CORE = Path(purertc.__file__).parent


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handlers that sleep are cancelled soon."""
    monkeypatch.setattr(handler_tasks, "CLOSE_GRACE", 0.05)


class Lives:
    """Rounds of lives of pairs of connections, each with a seed of its own.

    In the first rounds, for the warm-up, twice as many live at once: what the interpreter's own
    containers have grown to by then is enough for all that follow.
    """

    def __init__(self, connections: int) -> None:
        self.pairs = max(1, connections // 2 // ROUNDS)
        self.seeds: Iterator[str] = (f"life {number}" for number in count())
        self.rounds = 0
        self.faults: set[Fault] = set()

    async def __call__(self) -> None:
        warm = self.rounds >= WARM_UP
        self.rounds += 1
        pairs, at_once = (self.pairs, AT_ONCE) if warm else (2 * AT_ONCE, 2 * AT_ONCE)
        self.faults |= await live_many(list(islice(self.seeds, pairs)), at_once=at_once)


@pytest.mark.timeout(600)
def test_no_object_task_socket_timer_or_thread_is_left() -> None:
    lives = Lives(CONNECTIONS)
    assert leftovers_of(lives, rounds=ROUNDS, warm_up=WARM_UP) == {}
    assert lives.faults == set(Fault)


@pytest.mark.timeout(600)
def test_no_object_task_socket_or_thread_is_left_under_trio() -> None:
    lives = Lives(CONNECTIONS // 2)
    assert leftovers_on_trio(lives, rounds=ROUNDS, warm_up=WARM_UP) == {}


@pytest.mark.timeout(600)
def test_memory_is_back_at_the_warm_baseline() -> None:
    connections = CONNECTIONS // 2
    lives = Lives(connections)
    growth = memory_growth(lives, rounds=ROUNDS, warm_up=WARM_UP, under=f"{CORE}/")
    assert growth < connections, "that is a byte for each connection"
