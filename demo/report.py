"""The tables at the end of the demo."""

from rich.table import Table

from demo.figures import LeakFigure, ThroughputFigure
from demo.runs import Run, summaries_are_equal

__all__ = ["leak_table", "program_table", "throughput_table"]

COLUMNS = ("aiortc", "compat", "migrated")


def _outcome(run: Run) -> str:
    return f"[green]ok[/] {run.seconds:.1f} s" if run.passed else "[red]failed[/]"


def program_table(rows: list[list[Run]]) -> Table:
    """One row a program: its outcome on each implementation, what it moved, equal or not."""
    table = Table(title="Legacy programs, unmodified and migrated")
    table.add_column("program")
    for implementation in COLUMNS:
        table.add_column(implementation)
    table.add_column("messages", justify="right")
    table.add_column("bytes", justify="right")
    table.add_column("equal")
    for runs in rows:
        counted = next((run for run in runs if run.passed), None)
        messages, size = counted.moved() if counted else (0, 0)
        equal = "[green]yes[/]" if summaries_are_equal(runs) else "[red]no[/]"
        outcomes = [_outcome(run) for run in runs]
        table.add_row(runs[0].program.name, *outcomes, f"{messages}", f"{size:,}", equal)
    return table


def leak_table(figures: list[LeakFigure]) -> Table:
    """What closed connections leave behind, the cyclic collector being disabled."""
    table = Table(
        title=f"Left by each of {figures[0].connections} closed connections", min_width=48
    )
    table.add_column("library")
    for column in ("KiB", "objects", "tasks"):
        table.add_column(column, justify="right")
    for figure in figures:
        table.add_row(
            figure.library, f"{figure.kib:.1f}", f"{figure.objects:.1f}", str(figure.tasks)
        )
    return table


def throughput_table(figures: list[ThroughputFigure]) -> Table:
    """One reliable channel, two processes."""
    table = Table(title="Throughput of one channel, 16 KiB messages", min_width=48)
    table.add_column("library")
    for column in ("Mbit/s", "CPU ms per MB", "times aiortc"):
        table.add_column(column, justify="right")
    baseline = figures[0].megabits
    for figure in figures:
        table.add_row(
            figure.library,
            f"{figure.megabits:.0f}",
            f"{figure.cpu_per_megabyte:.1f}",
            f"{figure.megabits / baseline:.1f}",
        )
    return table
