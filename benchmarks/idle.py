"""What a connection costs that is open while nothing is sent: memory, and CPU time a second.

    python -m benchmarks.idle --pairs 50 --seconds 10

Memory is what the process grew by (RSS, so the TLS library counts), CPU time goes to consent
checks and heartbeats. Never fails on a figure.
"""

import argparse
import statistics
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.report import table, write_json
from benchmarks.subjects import BASELINE, available, measure

Costs = dict[str, list[dict[str, float]]]


def markdown(costs: Costs) -> str:
    """The table that ``make bench`` prints."""
    summary = summarize(costs)
    baseline = summary[BASELINE]
    rows = [
        [
            name,
            f"{figures['bytes'] / 1024:.0f}",
            f"{_ratio(baseline['bytes'], figures['bytes']):.1f}",
            f"{1e6 * figures['cpu']:.0f}",
            f"{_ratio(baseline['cpu'], figures['cpu']):.1f}",
        ]
        for name, figures in summary.items()
    ]
    return table(
        [
            "library",
            "KiB per connection",
            "aiortc takes times as much",
            "CPU µs a second",
            "aiortc takes times as much",
        ],
        rows,
    )


def _ratio(baseline: float, figure: float) -> float:
    return baseline / figure if figure > 0 else float("inf")


def summarize(costs: Costs) -> dict[str, dict[str, float]]:
    """Medians by library and event loop, of one connection: bytes, CPU seconds a second."""
    return {
        name: {
            figure: statistics.median(each[figure] for each in taken) for figure in ("bytes", "cpu")
        }
        for name, taken in costs.items()
    }


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=50, help="of connections, open at once")
    parser.add_argument("--seconds", type=float, default=10.0, help="of silence")
    parser.add_argument("--quick", action="store_true", help="ten pairs for two seconds")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds, options.pairs, options.seconds = 1, 10, 2.0
    return options


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, and write the file if one was asked for."""
    options = read_options(arguments)
    costs: Costs = {name: [] for name in available()}
    plan = [name for _ in range(options.rounds) for name in costs]
    console = Console(stderr=True)
    for name in track(plan, "Idling", console=console, transient=True):
        costs[name].append(measure("idle", name, count=options.pairs, seconds=options.seconds))
    print(f"\nCost of an idle connection, {2 * options.pairs} open for {options.seconds:g} s\n")
    print(markdown(costs))
    write_json(options.json, {"medians": summarize(costs), "runs": costs})
    return 0


if __name__ == "__main__":
    sys.exit(main())
