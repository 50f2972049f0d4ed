"""What both kinds of benchmark process share: roles, signalling over pipes, the result."""

import argparse
import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field

END = "end"


@dataclass
class Plan:
    """What to do. ``seconds`` of sending messages of ``message_size`` bytes."""

    role: str
    seconds: float
    message_size: int
    core: int
    module: str


@dataclass
class Count:
    """What one end has seen; times in seconds."""

    messages: int = 0
    size: int = 0
    first: float = 0.0
    last: float = 0.0
    cpu: float = field(default=0.0)

    def add(self, size: int) -> None:
        """Count one message that has just arrived or gone."""
        self.last = time.perf_counter()
        if not self.messages:
            self.first = self.last
        self.messages += 1
        self.size += size


def read_plan() -> Plan:
    """The arguments of an endpoint process, which is pinned to its core if that can be done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["sender", "receiver"])
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--message-size", type=int, required=True)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--module", default="")
    plan = Plan(**vars(parser.parse_args()))
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[plan.core % len(cores)]})
    return plan


def say(message: dict[str, object]) -> None:
    """Send one line to the process that started this one."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def hear() -> dict[str, str]:
    """Wait for one line from the process that started this one."""
    line = await asyncio.to_thread(sys.stdin.readline)
    message: dict[str, str] = json.loads(line)
    return message


def run(measurement: Coroutine[None, None, Count]) -> None:
    """Run an endpoint to its end and report what it counted."""
    count = asyncio.run(measurement)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    count.cpu = usage.ru_utime + usage.ru_stime
    say({"type": "count", **asdict(count)})
