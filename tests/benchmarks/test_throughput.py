"""The short throughput benchmark measures, and writes the medians that the demonstration reads."""

import json
from pathlib import Path

import pytest

from benchmarks.results import Outcome
from benchmarks.throughput import main, medians


def test_medians() -> None:
    outcome = Outcome()
    for megabits, cpu in ((700.0, 10.0), (500.0, 14.0), (600.0, 12.0)):
        outcome.add("purertc", {"megabits": megabits, "cpu": cpu})
    assert medians(outcome) == {"purertc": {"megabits": 600.0, "cpu_per_megabyte": 12.0}}


@pytest.mark.parametrize("peer", ["purertc", "compat"])
def test_a_real_run(peer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.json"
    options = ["--peer", peer, "--runs", "1", "--seconds", "0.2", "--json", str(report)]
    assert main(options) == 0
    figures = json.loads(report.read_text())["medians"]
    assert list(figures) == ["aiortc", peer]
    assert all(each["megabits"] > 0 for each in figures.values())
    assert f"| {peer} |" in capsys.readouterr().out
