"""The command line of the benchmark program."""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.peers import COMPILED, OWN, PEERS, PeerMissing, Ready, ready
from benchmarks.processes import MeasurementError
from benchmarks.profile_page import page
from benchmarks.report import Report, losses, markdown, section, verdicts, write_json, write_plots
from benchmarks.results import Outcome
from benchmarks.scenario import Effort, Scenario
from benchmarks.scenarios import FULL, QUICK, SCENARIOS
from benchmarks.two_ends import Load, profile

__all__ = ["main", "measure", "read_options"]

QUICK_PEERS = [OWN, COMPILED, "aiortc", "wrtc"]
PROFILED = 16 * 1024
HEAD = "# Figures\n\nWritten by `make figures`; [how they are measured](index.md).\n\n"


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure purertc beside other libraries. Never fails on a figure.",
    )
    parser.add_argument("--scenario", action="append", choices=names, help="may be repeated")
    parser.add_argument("--peer", action="append", choices=sorted(PEERS), help="may be repeated")
    parser.add_argument("--quick", action="store_true", help="one short run of each")
    parser.add_argument("--runs", type=int, help="of each peer in each scenario")
    parser.add_argument("--seconds", type=float, help="of sending, in each run")
    parser.add_argument("--json", type=Path, help="write all runs to this file")
    parser.add_argument("--markdown", type=Path, help="write the tables to this file")
    parser.add_argument("--pages", type=Path, help="write the documentation's pages and plots here")
    options = parser.parse_args(arguments)
    options.scenario = options.scenario or names
    options.peer = options.peer or (QUICK_PEERS if options.quick else list(PEERS))
    return options


def effort_of(options: argparse.Namespace) -> Effort:
    """Return how much to measure."""
    base = QUICK if options.quick else FULL
    return Effort(
        **{
            **vars(base),
            "runs": options.runs or base.runs,
            "seconds": options.seconds or base.seconds,
        }
    )


def find_peers(names: Sequence[str], report: Report, console: Console) -> dict[str, Ready]:
    """Return those that are here, and say which are not."""
    found: dict[str, Ready] = {}
    for name in dict.fromkeys(names):
        try:
            found[name] = ready(PEERS[name])
        except PeerMissing as error:
            report.missing[name] = str(error)
            console.print(f"{name} is not measured: {error}", markup=False)
    return found


def measure(
    scenario: Scenario, peers: Mapping[str, Ready], effort: Effort, console: Console
) -> Outcome:
    """Run a scenario: peer after peer, then all again. One that fails is tried no more."""
    outcome = Outcome()
    taking = {name: each for name, each in peers.items() if scenario.takes(each.peer)}
    with Progress(console=console, transient=True) as progress:
        runs = 1 if scenario.once else effort.runs
        task = progress.add_task(scenario.title, total=runs * len(taking))
        for number in range(runs):
            for name, each in taking.items():
                if name not in outcome.failures:
                    try:
                        outcome.add(name, scenario.run(each, effort, number))
                    except MeasurementError as error:
                        outcome.fail(name, str(error))
                progress.advance(task)
    return outcome


def write_pages(
    report: Report, directory: Path, peers: Mapping[str, Ready], seconds: float
) -> None:
    """Write the figures, their plots, all runs, and the profile."""
    directory.mkdir(parents=True, exist_ok=True)
    plots = write_plots(report, directory)
    (directory / "figures.md").write_text(HEAD + markdown(report, plots=plots))
    write_json(report, directory / "figures.json")
    if OWN in peers:
        samples = profile(peers[OWN], Load(PROFILED, 3 * seconds))
        (directory / "profile.md").write_text(page(samples))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the files that were asked for."""
    options = read_options(arguments)
    effort = effort_of(options)
    console = Console(stderr=True)
    report = Report(options.quick, os.getloadavg()[0])
    peers = find_peers(options.peer, report, console)
    for scenario in SCENARIOS:
        if scenario.name in options.scenario:
            outcome = measure(scenario, peers, effort, console)
            report.outcomes.append((scenario, outcome))
            lines = [f"\n## {scenario.title}\n", section(scenario, outcome), ""]
            print("\n".join([*lines, *verdicts(scenario, outcome)]), flush=True)
    print("\n## Where purertc loses\n")
    print("\n".join(losses(report)) or "Nowhere in this run.")
    if options.json:
        write_json(report, options.json)
    if options.markdown:
        options.markdown.write_text(markdown(report))
    if options.pages:
        write_pages(report, options.pages, peers, effort.seconds)
    return 0
