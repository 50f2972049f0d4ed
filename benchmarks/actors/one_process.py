"""Both ends of connections in one process: how long a set-up takes, what an idle connection costs.

Started by :mod:`benchmarks.pairs`.
"""

import argparse
import gc
import json
import os
import resource
from contextlib import AsyncExitStack
from dataclasses import asdict
from functools import partial

from benchmarks.actors.end import IceServer, OpenPair
from benchmarks.actors.libraries import library
from benchmarks.actors.loops import Loop, named
from benchmarks.actors.pipes import say
from benchmarks.actors.stopwatch import Stopwatch, Times

WARM_UP = 3
"""Pairs that do not count."""


async def measure_setup(loop: Loop, open_pair: OpenPair, options: argparse.Namespace) -> None:
    """Open and close pairs, one after the other; those to warm up have no servers."""
    servers = [IceServer(**each) for each in json.loads(options.servers)]
    times: list[Times] = []
    for number in range(WARM_UP + options.count):
        counts = number >= WARM_UP
        async with open_pair(loop, servers if counts else []) as took:
            if counts:
                times.append(took)
    say("result", times=[asdict(each) for each in times])


async def measure_idle(loop: Loop, open_pair: OpenPair, options: argparse.Namespace) -> None:
    """Open pairs, and see what they take while nothing is sent; of one connection."""
    for _ in range(WARM_UP):
        async with open_pair(loop, []):
            pass
    connections = 2 * options.count
    gc.collect()
    before = resident_bytes()
    async with AsyncExitStack() as stack:
        for _ in range(options.count):
            await stack.enter_async_context(open_pair(loop, []))
        await loop.sleep(1.0)
        gc.collect()
        size = resident_bytes() - before
        watch = Stopwatch()
        await loop.sleep(options.seconds)
        took = watch.read()
        say("result", bytes=size / connections, cpu=took.cpu / took.wall / connections)


def resident_bytes() -> int:
    """Return the memory of this process; where it cannot be read, the most it ever had."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def raise_file_limit() -> None:
    """Each connection has several sockets."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


MEASUREMENTS = {"setup": measure_setup, "idle": measure_idle}


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("measurement", choices=MEASUREMENTS)
    parser.add_argument("--library", required=True)
    parser.add_argument("--loop", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--servers", default="[]", help="a JSON list of url, username, credential")
    return parser.parse_args()


if __name__ == "__main__":
    the_options = read_options()
    raise_file_limit()
    the_loop = named(the_options.loop)
    open_pair_of_library = library(the_options.library).open_pair
    measurement = MEASUREMENTS[the_options.measurement]
    the_loop.run(partial(measurement, the_loop, open_pair_of_library, the_options))
