"""Run the legacy programs on aiortc, on purertc_compat and migrated, and compare.

    python -m demo [--only PROGRAM] [--no-diff] [--no-figures]

The exit code is 0 when every program did the same on all three.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from demo.figures import ROOT, measure_leaks, measure_throughput
from demo.migration import migrate_copy, show_diff
from demo.programs import PROGRAMS, Material, Program, make_material
from demo.report import leak_table, program_table, throughput_table
from demo.runs import Run, run_program, summaries_are_equal

LEGACY = ROOT / "examples_old"
CONNECTIONS = 30


def run_everywhere(
    programs: list[Program], scripts: dict[str, Path], material: Material, console: Console
) -> list[list[Run]]:
    """Run each program on each implementation; what fails is shown in full at once."""
    rows = []
    for program in programs:
        runs = []
        for implementation, folder in scripts.items():
            with console.status(f"{program.name} on {implementation}"):
                run = run_program(program, implementation, folder, material)
            console.print(
                f"{program.name:9} {implementation:9} "
                f"{'ok' if run.passed else '[red]failed[/]'}  {run.seconds:.1f} s"
            )
            if not run.passed:
                console.print(run.describe(), markup=False, highlight=False)
            runs.append(run)
        if all(run.passed for run in runs) and not summaries_are_equal(runs):
            for run in runs:
                console.print(f"{run.implementation}: {run.summaries}", markup=False)
        rows.append(runs)
    return rows


def show_figures(directory: Path, console: Console) -> None:
    """Measure and print the leak and throughput figures."""
    with console.status("measuring what connections leave behind"):
        leaks = [measure_leaks(library, CONNECTIONS) for library in ("aiortc", "purertc")]
    console.print(leak_table(leaks))
    with console.status("measuring throughput"):
        throughput = measure_throughput(directory)
    console.print(throughput_table(throughput))


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; 1 when a row differs."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="Old programs, new core")
    names = [program.name for program in PROGRAMS]
    parser.add_argument("--only", choices=names, action="append", help="run this program only")
    parser.add_argument("--no-diff", action="store_true", help="do not show rtc-migrate's diff")
    parser.add_argument("--no-figures", action="store_true", help="do not measure anything")
    options = parser.parse_args(arguments)
    programs = [program for program in PROGRAMS if program.name in (options.only or names)]
    console = Console(highlight=False)

    with TemporaryDirectory(prefix="purertc-demo-") as name:
        directory = Path(name)
        migrated = directory / "migrated"
        if not options.no_diff:
            console.rule("rtc-migrate --to purertc examples_old")
            show_diff(LEGACY)
        migrate_copy(LEGACY, migrated)
        scripts = {"aiortc": LEGACY, "compat": LEGACY, "migrated": migrated}
        console.rule("running the programs")
        rows = run_everywhere(programs, scripts, make_material(directory), console)
        console.print(program_table(rows))
        if not options.no_figures:
            show_figures(directory, console)

    different = [runs[0].program.name for runs in rows if not summaries_are_equal(runs)]
    if different:
        console.print(f"[red]Not equal: {', '.join(different)}[/]")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
