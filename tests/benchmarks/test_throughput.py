"""The throughput benchmark measures, and reports what it measured."""

import json
from pathlib import Path

import pytest

from benchmarks.throughput import Measurement, main, markdown, summarize

MEASUREMENTS = [
    Measurement("aiortc", 100.0, 70.0, 10),
    Measurement("purertc", 700.0, 10.0, 70),
    Measurement("aiortc", 90.0, 80.0, 9),
    Measurement("purertc", 500.0, 14.0, 50),
    Measurement("aiortc", 120.0, 90.0, 12),
    Measurement("purertc", 600.0, 12.0, 60),
]


def test_medians() -> None:
    assert summarize(MEASUREMENTS) == {
        "aiortc": {"megabits": 100.0, "cpu_per_megabyte": 80.0},
        "purertc": {"megabits": 600.0, "cpu_per_megabyte": 12.0},
    }


def test_the_table_has_both_medians_and_the_ratio() -> None:
    lines = markdown(MEASUREMENTS).splitlines()
    assert lines[2:] == [
        "| aiortc | 100 | 100, 90, 120 | 80.0 | 1.0 |",
        "| purertc | 600 | 700, 500, 600 | 12.0 | 6.0 |",
    ]


@pytest.mark.parametrize("peer", ["purertc", "compat"])
def test_a_real_run(peer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.json"
    options = ["--peer", peer, "--runs", "1", "--seconds", "0.2", "--json", str(report)]
    assert main(options) == 0
    figures = json.loads(report.read_text())
    assert [run["peer"] for run in figures["runs"]] == ["aiortc", peer]
    assert all(run["messages"] > 0 and run["megabits"] > 0 for run in figures["runs"])
    assert f"| {peer} |" in capsys.readouterr().out
