"""The sampler sees the function that uses CPU time."""

import time

from benchmarks.actors.sampler import Sampler

PATIENCE = 5.0


def spin(sampler: Sampler) -> dict[str, int]:
    begin = time.process_time()
    while not sampler.read() and time.process_time() - begin < PATIENCE:
        sum(range(1000))
    return sampler.read()


def test_a_busy_function_is_seen() -> None:
    sampler = Sampler()
    sampler.start()
    try:
        seen = spin(sampler)
    finally:
        sampler.stop()
    assert any("test_sampler.py:spin" in stack for stack in seen)
