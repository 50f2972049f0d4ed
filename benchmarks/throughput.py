"""Throughput of 16 KiB messages beside aiortc's, in short: what the demonstration shows.

    python -m benchmarks.throughput --runs 3 --json figures.json

The whole program is ``python -m benchmarks``.
"""

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.command import measure
from benchmarks.peers import PEERS, ready
from benchmarks.report import section
from benchmarks.results import Outcome
from benchmarks.scenario import Effort
from benchmarks.scenarios import QUICK, SCENARIOS

BASELINE = "aiortc"


def medians(outcome: Outcome) -> dict[str, dict[str, float | None]]:
    """Return megabits a second, and CPU milliseconds of both ends for a megabyte, by library."""
    return {
        peer: {
            "megabits": outcome.median(peer, "megabits"),
            "cpu_per_megabyte": outcome.median(peer, "cpu"),
        }
        for peer in outcome.runs
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, and write the file if one was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", choices=sorted(PEERS), default="purertc")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of sending, for each run")
    parser.add_argument("--quick", action="store_true", help="one run of two seconds each")
    parser.add_argument("--json", type=Path, help="also write the medians to this file")
    options = parser.parse_args(arguments)
    runs, seconds = (1, 2.0) if options.quick else (options.runs, options.seconds)
    scenario = next(each for each in SCENARIOS if each.name == "throughput")
    peers = {name: ready(PEERS[name]) for name in dict.fromkeys([BASELINE, options.peer])}
    effort = Effort(**{**vars(QUICK), "runs": runs, "seconds": seconds})
    outcome = measure(scenario, peers, effort, Console(stderr=True))
    print(section(scenario, outcome))
    if options.json is not None:
        options.json.write_text(json.dumps({"medians": medians(outcome)}, indent=2) + "\n")
    return int(bool(outcome.failures))


if __name__ == "__main__":
    sys.exit(main())
