"""One process of the set-up and idle measurements: one library on one event loop.

It prints its result as one line of JSON.
"""

import argparse
import asyncio
import gc
import importlib
import json
import os
import resource
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import asdict
from functools import partial

from benchmarks.stopwatch import Stopwatch, Times

WARM_UP = 3

OpenPair = Callable[[], AbstractAsyncContextManager[Times]]
Sleep = Callable[[float], Awaitable[None]]
Result = dict[str, object]


async def measure_setup(open_pair: OpenPair, _sleep: Sleep, options: argparse.Namespace) -> Result:
    """Open and close pairs, one after the other."""
    times: list[Times] = []
    for _ in range(WARM_UP + options.count):
        async with open_pair() as took:
            times.append(took)
    return {"times": [asdict(each) for each in times[WARM_UP:]]}


async def measure_idle(open_pair: OpenPair, sleep: Sleep, options: argparse.Namespace) -> Result:
    """Open pairs, and see what they take while nothing is sent; of one connection."""
    for _ in range(WARM_UP):
        async with open_pair():
            pass
    connections = 2 * options.count
    gc.collect()
    before = resident_bytes()
    async with AsyncExitStack() as stack:
        for _ in range(options.count):
            await stack.enter_async_context(open_pair())
        await sleep(1.0)
        gc.collect()
        size = resident_bytes() - before
        watch = Stopwatch()
        await sleep(options.seconds)
        took = watch.read()
    return {"bytes": size / connections, "cpu": took.cpu / took.wall / connections}


def resident_bytes() -> int:
    """Return the memory of this process; where it cannot be read, the most it ever had."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def pair_of(library: str) -> OpenPair:
    """Return what opens a pair of connections of a library."""
    if library == "purertc":
        return importlib.import_module("benchmarks.purertc_pair").open_pair  # type: ignore[no-any-return]
    if library == "aiortc":
        importlib.import_module("demo.aiortc_on_loopback").use_loopback_when_alone()
    pairs = importlib.import_module("benchmarks.legacy_pair")
    return partial(pairs.open_pair, importlib.import_module(library))


def run(loop: str, main: Callable[[Sleep], Awaitable[Result]]) -> Result:
    """Run on an event loop."""
    if loop == "trio":
        trio = importlib.import_module("trio")
        return trio.run(main, trio.sleep)  # type: ignore[no-any-return]
    factory = importlib.import_module("uvloop").new_event_loop if loop == "uvloop" else None

    async def on_asyncio() -> Result:
        return await main(asyncio.sleep)

    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(on_asyncio())


MEASUREMENTS = {"setup": measure_setup, "idle": measure_idle}


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("measurement", choices=MEASUREMENTS)
    parser.add_argument("--library", required=True)
    parser.add_argument("--loop", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=0.0)
    return parser.parse_args()


if __name__ == "__main__":
    the_options = read_options()
    the_measurement = MEASUREMENTS[the_options.measurement]
    open_pair_of_library = pair_of(the_options.library)
    result = run(
        the_options.loop,
        lambda sleep: the_measurement(open_pair_of_library, sleep, the_options),
    )
    print(json.dumps(result))
