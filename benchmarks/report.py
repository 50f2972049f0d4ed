"""How the benchmarks print and store what they measured."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

__all__ = ["environment", "percentile", "table", "write_json"]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are for numbers.

    A column whose title ends in ``:`` is for text.
    """
    rules = [
        "---" if not index or title.endswith(":") else "--:" for index, title in enumerate(header)
    ]
    lines = ["| " + " | ".join(title.removesuffix(":") for title in header) + " |"]
    lines.append("|" + "|".join(rules) + "|")
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all values lies; of one value, itself."""
    if len(values) == 1:
        return values[0]
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return cuts[round(100 * share) - 1]


def environment() -> dict[str, object]:
    """What the figures depend on beside the libraries."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }


def write_json(path: Path | None, report: dict[str, object]) -> None:
    """Write a report if a file was asked for."""
    if path is not None:
        path.write_text(json.dumps(environment() | report, indent=2) + "\n")
