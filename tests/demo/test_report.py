"""The tables say what was measured."""

import io
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from demo.figures import LeakFigure, ThroughputFigure
from demo.processes import ProcessResult
from demo.programs import PROGRAMS
from demo.report import leak_table, program_table, throughput_table
from demo.runs import Run


def text(table: Table) -> str:
    console = Console(file=io.StringIO(), width=120)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def make_run(implementation: str) -> Run:
    first, second = (
        ProcessResult(["x"], 0, f"SUMMARY {name} messages=160 bytes=5590\n", "")
        for name in (PROGRAMS[0].first, PROGRAMS[0].second)
    )
    return Run(PROGRAMS[0], implementation, first, second, 1.25)


def test_a_row_of_equal_runs() -> None:
    table = text(program_table([[make_run(name) for name in ("aiortc", "compat", "migrated")]]))
    (row,) = [line for line in table.splitlines() if "chat" in line]
    assert row.count("ok 1.2 s") == 3
    for cell in ("160", "5,590", "yes"):
        assert cell in row


def test_a_row_with_a_failure() -> None:
    failed = replace(make_run("compat"), first=ProcessResult(["x"], 1, "", ""))
    table = text(program_table([[make_run("aiortc"), failed, make_run("migrated")]]))
    (row,) = [line for line in table.splitlines() if "chat" in line]
    assert "failed" in row
    assert row.rstrip(" │").endswith("no")


def test_the_leak_figure() -> None:
    figures = [LeakFigure("aiortc", 30, 78.6, 90, 0), LeakFigure("purertc", 30, 0.04, 0, 0)]
    table = text(leak_table(figures))
    assert "each of 30" in table
    assert "78.6" in table
    assert "0.0" in table


def test_the_throughput_figure() -> None:
    figures = [ThroughputFigure("aiortc", 100, 70), ThroughputFigure("purertc", 550, 12.34)]
    table = text(throughput_table(figures))
    (row,) = [line for line in table.splitlines() if "purertc" in line]
    for cell in ("550", "12.3", "5.5"):
        assert cell in row
