"""How long two connections in one process take until a message has gone over a data channel.

    python -m benchmarks.setup --rounds 3 --count 20

From the first create_offer to the first message that the answering side sent on its channel.
Rounds of aiortc and of purertc on each event loop alternate. Never fails on a timing.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.report import percentile, table, write_json
from benchmarks.subjects import BASELINE, available, measure

Times = dict[str, list[dict[str, float]]]


def markdown(times: Times) -> str:
    """The table that ``make bench`` prints."""
    summary = summarize(times)
    rows = [
        [
            name,
            f"{figures['p50']:.1f}",
            f"{figures['p95']:.1f}",
            f"{figures['cpu_p50']:.1f}",
            f"{summary[BASELINE]['p50'] / figures['p50']:.1f}",
        ]
        for name, figures in summary.items()
    ]
    return table(
        ["library", "set-up ms, p50", "p95", "CPU ms, p50, both ends", "times faster than aiortc"],
        rows,
    )


def summarize(times: Times) -> dict[str, dict[str, float]]:
    """Milliseconds by library and event loop."""
    return {
        name: {
            "p50": 1000 * percentile([each["wall"] for each in taken], 0.50),
            "p95": 1000 * percentile([each["wall"] for each in taken], 0.95),
            "cpu_p50": 1000 * percentile([each["cpu"] for each in taken], 0.50),
            "runs": len(taken),
        }
        for name, taken in times.items()
    }


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=20, help="pairs in each round of each library")
    parser.add_argument("--quick", action="store_true", help="one round of five pairs")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds, options.count = 1, 5
    return options


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, and write the file if one was asked for."""
    options = read_options(arguments)
    times: Times = {name: [] for name in available()}
    plan = [name for _ in range(options.rounds) for name in times]
    console = Console(stderr=True)
    for name in track(plan, "Setting up", console=console, transient=True):
        times[name] += measure("setup", name, count=options.count)["times"]
    print(f"\nSet-up of a connection, {len(times[BASELINE])} runs\n")
    print(markdown(times))
    write_json(options.json, {"milliseconds": summarize(times), "runs": times})
    return 0


if __name__ == "__main__":
    sys.exit(main())
