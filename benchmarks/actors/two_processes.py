"""One of two processes that talk with each other: offers and sends, or answers and counts.

Started by :mod:`benchmarks.two_ends`, which carries the descriptions between both.
"""

import argparse
import os
import threading
import time
from functools import partial

from benchmarks.actors.end import End
from benchmarks.actors.libraries import library
from benchmarks.actors.loops import Loop, named
from benchmarks.actors.meter import Meter
from benchmarks.actors.pipes import hear, say
from benchmarks.actors.sampler import Sampler

WARM_UP = 0.2
"""Seconds of round trips that do not count."""


async def send(loop: Loop, end: End, options: argparse.Namespace) -> None:
    """Offer, and send until somebody ends the process."""
    labels = [f"channel {number}" for number in range(options.channels)]
    say("offer", sdp=await end.offer(labels))
    answer = await loop.in_thread(hear)
    await end.accept(answer["sdp"])
    payload = bytes(options.size)
    if options.task == "ping":
        await end.ping(labels[0], payload, WARM_UP)
        say("trips", seconds=await end.ping(labels[0], payload, options.seconds))
        return
    sampler = start_sampler(options)
    threading.Thread(target=report_at_stop, args=(time.process_time(), sampler)).start()
    await loop.all_of([partial(end.flood, label, payload) for label in labels])


def start_sampler(options: argparse.Namespace) -> Sampler:
    """Return a sampler, which runs if it was asked for."""
    sampler = Sampler()
    if options.sample:
        sampler.start()
    return sampler


def report_at_stop(cpu_before: float, sampler: Sampler) -> None:
    """Wait for the word in a thread of its own, so that nothing waits for the event loop."""
    hear()
    sampler.stop()
    say("sent", cpu=time.process_time() - cpu_before, samples=sampler.read())


async def receive(loop: Loop, end: End, meter: Meter, options: argparse.Namespace) -> None:
    """Answer, count for the time that was asked for, and stay until somebody ends the process."""
    offer = await loop.in_thread(hear)
    say("answer", sdp=await end.answer(offer["sdp"]))
    if options.task == "ping":
        await loop.new_event().wait()
    while not meter.messages:
        await loop.sleep(0.005)
    cpu = time.process_time()
    say("started")
    sampler = start_sampler(options)
    await loop.sleep(options.seconds)
    sampler.stop()
    say("count", **meter.read(), cpu=time.process_time() - cpu, samples=sampler.read())
    await loop.new_event().wait()


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["sender", "receiver"])
    parser.add_argument("task", choices=["flood", "ping"])
    parser.add_argument("--library", required=True)
    parser.add_argument("--loop", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="without segmentation offload")
    parser.add_argument("--path-mtu", type=int, help="no packets larger than that")
    parser.add_argument("--sample", action="store_true", help="say where the time goes")
    return parser.parse_args()


def pin(core: int) -> None:
    """Stay on one core, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


async def run(loop: Loop, options: argparse.Namespace) -> None:
    """Play the role."""
    meter = Meter(echo=options.task == "ping")
    make_end = library(options.library).make_end
    async with make_end(loop, meter.take, plain=options.plain, path_mtu=options.path_mtu) as end:
        if options.role == "sender":
            await send(loop, end, options)
        else:
            await receive(loop, end, meter, options)


if __name__ == "__main__":
    the_options = read_options()
    pin(int(the_options.role == "receiver"))
    the_loop = named(the_options.loop)
    the_loop.run(partial(run, the_loop, the_options))
