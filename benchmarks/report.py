"""How the program writes what it measured: tables, verdicts, JSON, plots."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bar_chart import Bar, bar_chart
from benchmarks.environments import pinned
from benchmarks.machine import describe
from benchmarks.peers import BASELINES, OWN, PEERS
from benchmarks.results import Outcome
from benchmarks.scenario import Better, Figure, Scenario, Verdict

__all__ = ["Report", "losses", "markdown", "section", "table", "verdicts", "write_json"]

NOTHING = 0.01
"""Less than this share is no difference."""


@dataclass
class Report:
    """Everything that one run of the program found."""

    quick: bool
    load: float
    """The system's load average before the first measurement."""
    outcomes: list[tuple[Scenario, Outcome]] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)


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


def written(value: float | None, figure: Figure) -> str:
    """Return a figure as text."""
    return "-" if value is None else f"{value:.{figure.digits}f}"


def section(scenario: Scenario, outcome: Outcome) -> str:
    """Return the table of one scenario, with the ratios of the first figure."""
    first = scenario.figures[0]
    against = [name for name in BASELINES if name in outcome.runs]
    header = ["peer", *(figure.title for figure in scenario.figures)]
    header += ["all runs:", *(f"times {name}" for name in against)]
    rows = []
    for peer, runs in outcome.runs.items():
        row = [peer, *(written(outcome.median(peer, each.name), each) for each in scenario.figures)]
        row.append(", ".join(written(run.get(first.name), first) for run in runs))
        ratios = [outcome.ratio(first.name, peer, name) for name in against]
        row += [
            "-" if ratio is None else f"{ratio:.{2 if ratio >= 0.1 else 4}f}" for ratio in ratios
        ]
        rows.append(row)
    lines = [table(header, rows)] if rows else []
    lines += [f"{peer}: not measured: {why}" for peer, why in outcome.failures.items()]
    return "\n\n".join(lines)


def verdicts(scenario: Scenario, outcome: Outcome) -> list[str]:
    """Return how each goal stands."""
    lines = []
    for goal in scenario.goals:
        figure = scenario.figure(goal.figure)
        value = goal.value(outcome)
        unit = f" times {goal.against}" if goal.against else ""
        title = figure.title if goal.peer == OWN else f"{goal.peer}, {figure.title}"
        if value is None:
            lines.append(f"{title}{unit}: not measured")
            continue
        bound = "at most" if figure.better is Better.LESS else "at least"
        must = "" if goal.must is None else f"must be {bound} {goal.must:g}, "
        verdict = goal.verdict(value, figure.better)
        mark = f"**{verdict}**" if verdict is Verdict.MISSED else verdict
        lines.append(f"{title}: {value:.2f}{unit} ({must}goal {goal.wanted:g}): {mark}")
    return lines


def losses(report: Report) -> list[str]:
    """Return where purertc is behind another library by 1 % at least.

    The first figure of each scenario counts, and those that have a goal.
    """
    lines = []
    for scenario, outcome in report.outcomes:
        judged = {scenario.figures[0].name, *(goal.figure for goal in scenario.goals)}
        for figure in scenario.figures:
            if figure.name not in judged:
                continue
            for peer in outcome.runs:
                ratio = None if PEERS[peer].own else outcome.ratio(figure.name, OWN, peer)
                if ratio is not None and is_behind(ratio, figure.better):
                    lines.append(f"{scenario.title}, {figure.title}: {ratio:.2f} times {peer}")
    return lines


def is_behind(ratio: float, better: Better) -> bool:
    """Whether a ratio of figures means a loss."""
    return ratio > 1 + NOTHING if better is Better.LESS else ratio < 1 - NOTHING


def foreign(report: Report) -> list[str]:
    """Return the measured peers that are not in the project's environment, with their versions."""
    measured = {peer for _, outcome in report.outcomes for peer in outcome.runs}
    return [
        f"{name}, which is compiled from the same sources as purertc,"
        if PEERS[name].compiled
        else f"{name} {pinned(name)}"
        for name in sorted(measured)
        if PEERS[name].environment
    ]


def markdown(report: Report, *, plots: Mapping[str, str] | None = None) -> str:
    """Return the whole report; ``plots`` has the file name of a scenario's plot."""
    parts = [f"{describe()} The load average was {report.load:.1f} before the first measurement."]
    if report.quick:
        parts.append("A quick run, one of each: look at it, do not quote it.")
    parts += [f"{each} ran in an environment of its own." for each in foreign(report)]
    parts += [f"{peer} is not in the tables: {why}." for peer, why in report.missing.items()]
    for scenario, outcome in report.outcomes:
        parts.append(f"## {scenario.title}")
        if plots and scenario.name in plots:
            parts.append(f"![{scenario.title}]({plots[scenario.name]})")
        parts.append(section(scenario, outcome))
        parts.append("\n".join(f"- {line}" for line in verdicts(scenario, outcome)))
    behind = losses(report)
    parts.append("## Where purertc loses")
    parts.append("\n".join(f"- {line}" for line in behind) or "Nowhere in this run.")
    return "\n\n".join(part for part in parts if part) + "\n"


def plot(scenario: Scenario, outcome: Outcome) -> str:
    """Return the SVG of the first figure."""
    figure = scenario.figures[0]
    bars = []
    for peer, runs in outcome.runs.items():
        values = [run[figure.name] for run in runs]
        median = outcome.median(peer, figure.name) or 0.0
        text = f"{written(median, figure)}"
        bars.append(Bar(peer, median, min(values), max(values), text, PEERS[peer].own))
    better = "less" if figure.better is Better.LESS else "more"
    return bar_chart(f"{scenario.title}: {figure.title} ({better} is better)", bars)


def write_plots(report: Report, directory: Path) -> dict[str, str]:
    """Write an SVG for each scenario with more than one peer; return their file names."""
    names = {}
    for scenario, outcome in report.outcomes:
        if len(outcome.runs) > 1:
            names[scenario.name] = f"{scenario.name}.svg"
            (directory / names[scenario.name]).write_text(plot(scenario, outcome))
    return names


def write_json(report: Report, path: Path) -> None:
    """Write all runs of all peers."""
    content = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "description": describe(),
        "quick": report.quick,
        "load": report.load,
        "missing": report.missing,
        "scenarios": {
            scenario.name: {"runs": outcome.runs, "failures": outcome.failures}
            for scenario, outcome in report.outcomes
        },
    }
    path.write_text(json.dumps(content, indent=2) + "\n")
