"""Fail when too few branches of a package were taken: the gate of ``make test``.

Reads the report of ``coverage json``. Branches, not lines: a state machine whose every line has run
may still have half of its decisions untried.
"""

import argparse
import json
import sys
from pathlib import Path


def branch_totals(report: Path, package: str) -> dict[str, tuple[int, int]]:
    """Branches taken and branches there are, by file, for the files below ``package``."""
    files = json.loads(report.read_text())["files"]
    totals: dict[str, tuple[int, int]] = {}
    for name, data in files.items():
        if package in name:
            summary = data["summary"]
            totals[name] = (summary["covered_branches"], summary["num_branches"])
    return totals


def main(arguments: list[str] | None = None) -> int:
    """Print the files that are below the minimum and the total; 1 when the total is below it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--package", required=True, help="part of the path of the files that count")
    parser.add_argument("--minimum", type=float, required=True, help="per cent")
    options = parser.parse_args(arguments)

    totals = branch_totals(options.report, options.package)
    taken = sum(counts[0] for counts in totals.values())
    possible = sum(counts[1] for counts in totals.values())
    if not possible:
        print(f"No branch of {options.package} is in {options.report}: nothing was measured.")
        return 1

    for name, (file_taken, file_possible) in sorted(totals.items()):
        if file_possible and 100 * file_taken < options.minimum * file_possible:
            print(f"{100 * file_taken / file_possible:6.1f} %  {name}")
    percentage = 100 * taken / possible
    print(f"{percentage:6.1f} %  {taken} of {possible} branches of {options.package}")
    return 0 if percentage >= options.minimum else 1


if __name__ == "__main__":
    sys.exit(main())
