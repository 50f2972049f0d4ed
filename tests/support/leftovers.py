"""Counts what connections leave behind, with the cyclic collector disabled.

So everything has to go by reference counting alone.
"""

import asyncio
import gc
import os
import sys
import threading
import tracemalloc
import warnings
import weakref
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from itertools import pairwise
from statistics import median_low
from types import CoroutineType
from typing import Any, TypeVarTuple

import trio

__all__ = [
    "Leftovers",
    "TimerCountingLoop",
    "Use",
    "leftovers_of",
    "leftovers_of_runs",
    "leftovers_on_trio",
    "memory_growth",
    "open_sockets",
    "settle",
]

Use = Callable[[], Coroutine[Any, Any, None]]
"""Opens, uses and closes connections."""

Leftovers = dict[str, int]
"""How many more of each thing exist than before; empty when nothing was left."""

_Ts = TypeVarTuple("_Ts")

_OWNERS = ("purertc", "OpenSSL", "cryptography", "socket")

_ASYNC_OBJECTS = (asyncio.Task, asyncio.Future, asyncio.Event)


class TimerCountingLoop(asyncio.SelectorEventLoop):
    """An event loop that knows which timers will still fire."""

    def __init__(self) -> None:
        super().__init__()
        self._timers: list[weakref.ref[asyncio.TimerHandle]] = []

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        handle = super().call_at(when, callback, *args, context=context)
        self._timers.append(weakref.ref(handle))
        return handle

    def pending_timers(self) -> list[str]:
        """Describe the timers that were not cancelled and have not fired."""
        self._timers = [each for each in self._timers if each() is not None]
        handles = [handle for each in self._timers if (handle := each()) is not None]
        return [
            str(handle)
            for handle in handles
            if not handle.cancelled() and handle.when() > self.time()
        ]


async def settle() -> None:
    """Let the callbacks run that were due when the last connection ended."""
    for _ in range(10):
        await asyncio.sleep(0)


def leftovers_of(
    use: Use,
    *,
    rounds: int = 2,
    warm_up: int = 1,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] = TimerCountingLoop,
) -> Leftovers:
    """Run ``use`` a few times in a loop of its own and return what is left after that.

    The first ``warm_up`` rounds may fill caches. Problems that the loop was told of, such as an
    exception that nobody retrieved, count as well.
    """
    problems: list[str] = []
    with asyncio.Runner(loop_factory=loop_factory) as runner, _no_cyclic_collection():
        loop = runner.get_loop()
        loop.set_exception_handler(
            lambda _, context: problems.append(f"{context['message']}: {context.get('exception')}")
        )
        for _ in range(warm_up):
            runner.run(_use(use))
        gc.collect()
        before = _census(loop)
        for _ in range(rounds):
            runner.run(_use(use))
        after = _census(loop)
        after.subtract(before)
        after.update(problems)
        return {name: count for name, count in after.items() if count > 0}


def leftovers_of_runs(use: Callable[[], None], *, rounds: int = 2, warm_up: int = 1) -> Leftovers:
    """Do the same for a function that runs in no event loop, or in one of its own."""
    with _no_cyclic_collection():
        for _ in range(warm_up):
            use()
        gc.collect()
        before = _census_of_process()
        for _ in range(rounds):
            use()
        after = _census_of_process()
        after.subtract(before)
        return {name: count for name, count in after.items() if count > 0}


def leftovers_on_trio(use: Use, *, rounds: int = 2, warm_up: int = 1) -> Leftovers:
    """Do the same on trio. All rounds are in one run, as a run of trio leaves objects itself."""

    async def main() -> Counter[str]:
        for _ in range(warm_up):
            await use()
        gc.collect()
        before = _census_on_trio()
        for _ in range(rounds):
            await use()
        after = _census_on_trio()
        after.subtract(before)
        return after

    with _no_cyclic_collection():
        return {name: count for name, count in trio.run(main).items() if count > 0}


def memory_growth(use: Use, *, rounds: int, warm_up: int, under: str = "/") -> int:
    """Run ``use`` and return by how many bytes of Python's memory it grows in all ``rounds``.

    Only what was allocated in files ``under`` that folder counts. The growth is that of the
    median round: what is leaked grows in each of them, while the table of a set grows in the
    one round that had more tasks at once than any before.
    """
    with asyncio.Runner() as runner, _no_cyclic_collection():
        tracemalloc.start()
        try:
            for _ in range(warm_up):
                runner.run(_use(use))
            sizes = [_traced_memory(under)]
            for _ in range(rounds):
                runner.run(_use(use))
                sizes.append(_traced_memory(under))
            return rounds * median_low(after - before for before, after in pairwise(sizes))
        finally:
            tracemalloc.stop()
            gc.garbage.clear()


async def _use(use: Use) -> None:
    await use()
    await settle()


@contextmanager
def _no_cyclic_collection() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gc.collect()
        gc.disable()
        try:
            yield
        finally:
            gc.enable()
            gc.collect()


def _traced_memory(under: str) -> int:
    """Measure after emptying what the interpreter keeps for itself.

    A full collection empties its lists of spare tuples; DEBUG_SAVEALL makes it keep every cycle
    it finds, so that cycles still count. Until 3.12 the method cache keeps the names that match
    statements look up.
    """
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    if sys.version_info < (3, 12):
        sys._clear_type_cache()
    snapshot = tracemalloc.take_snapshot()
    own = [tracemalloc.Filter(False, __file__), tracemalloc.Filter(False, tracemalloc.__file__)]
    traces = snapshot.filter_traces([tracemalloc.Filter(True, f"{under}*"), *own]).traces
    return sum(trace.size for trace in traces)


def _census_of_process() -> Counter[str]:
    census = _living_objects()
    census["sockets"] = open_sockets()
    census["descriptors"] = len(os.listdir("/proc/self/fd"))
    census["threads"] = threading.active_count()
    return census


def _census(loop: asyncio.AbstractEventLoop) -> Counter[str]:
    census = _census_of_process()
    census["tasks"] = len(asyncio.all_tasks(loop))
    if isinstance(loop, TimerCountingLoop):
        census.update(f"timer {name}" for name in loop.pending_timers())
    return census


def _census_on_trio() -> Counter[str]:
    census = _census_of_process()
    census["tasks"] = trio.lowlevel.current_statistics().tasks_living
    return census


def _living_objects() -> Counter[str]:
    """Count instances of our classes and those we use, and our coroutines that have not ended."""
    census: Counter[str] = Counter()
    for thing in gc.get_objects():
        kind = type(thing)
        if str(kind.__module__).startswith(_OWNERS):
            census[f"{kind.__module__}.{kind.__qualname__}"] += 1
        elif kind is CoroutineType and "purertc" in thing.cr_code.co_filename:
            census[f"coroutine {thing.__qualname__}"] += 1
        elif kind in _ASYNC_OBJECTS:
            census[f"asyncio.{kind.__name__}"] += 1
    return census


def open_sockets() -> int:
    """Count the open sockets of this process."""
    count = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
        except OSError:
            continue
    return count
