"""Measurements of connections whose both ends are in one process: set-up, idling."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from benchmarks.actors.end import IceServer
from benchmarks.peers import Ready, outward_host
from benchmarks.processes import Process
from benchmarks.results import Figures, percentile

__all__ = ["half_silent_servers", "idle", "setup"]

MODULE = "benchmarks.actors.one_process"
TO_START = 30.0
FOR_A_PAIR = 0.5
FOR_A_PAIR_WITH_SERVERS = 60.0
"""Seconds at most; a library may wait for a server that says nothing."""


def setup(ready: Ready, count: int, servers: Sequence[IceServer] = ()) -> Figures:
    """Open pairs, one after the other. Raises MeasurementError."""
    command = ready.command(MODULE, "setup", "--count", str(count))
    command += ["--servers", json.dumps([asdict(each) for each in servers])]
    patience = FOR_A_PAIR_WITH_SERVERS if servers else FOR_A_PAIR
    with Process(command, environment=ready.variables) as process:
        result = process.expect("result", TO_START + patience * count)
    wall = [each["wall"] for each in result["times"]]
    return {
        "p50": 1000 * percentile(wall, 0.50),
        "p95": 1000 * percentile(wall, 0.95),
        "cpu": 1000 * percentile([each["cpu"] for each in result["times"]], 0.50),
    }


def idle(ready: Ready, pairs: int, seconds: float) -> Figures:
    """Open pairs and leave them alone. Raises MeasurementError."""
    command = ready.command(MODULE, "idle", "--count", str(pairs), "--seconds", str(seconds))
    with Process(command, environment=ready.variables) as process:
        result = process.expect("result", TO_START + FOR_A_PAIR * pairs + 5 * seconds)
    return {"memory": result["bytes"] / 1024, "cpu": 1e6 * result["cpu"]}


@contextmanager
def half_silent_servers() -> Iterator[list[IceServer]]:
    """Start a STUN server that answers and a TURN server that does not."""
    host = outward_host() or "127.0.0.1"
    with Process([sys.executable, "-m", "benchmarks.ice_servers"]) as process:
        ports = process.expect("ports", TO_START)
        yield [
            IceServer(f"stun:{host}:{ports['stun']}"),
            IceServer(f"turn:{host}:{ports['turn']}?transport=udp", "user", "secret"),
        ]
