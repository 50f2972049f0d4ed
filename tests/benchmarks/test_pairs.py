"""The set-up and idle benchmarks measure on each event loop, and report what they measured."""

import json
from pathlib import Path

import pytest

from benchmarks import idle, setup
from benchmarks.report import percentile, table
from benchmarks.subjects import available, measure

TIMES = {
    "aiortc": [{"wall": 0.02 + each / 1000, "cpu": 0.01} for each in range(21)],
    "purertc, trio": [{"wall": 0.01, "cpu": 0.004}],
}

COSTS = {
    "aiortc": [{"bytes": 204800.0, "cpu": 0.0002}, {"bytes": 102400.0, "cpu": 0.0004}],
    "purertc, asyncio": [{"bytes": 51200.0, "cpu": 0.0}],
}


def test_a_table_aligns_numbers_to_the_right() -> None:
    assert table(["name", "value", "remark:"], [["a", "1", "x"]]).splitlines() == [
        "| name | value | remark |",
        "|---|--:|---|",
        "| a | 1 | x |",
    ]


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3.0], 0.95, 3.0), ([1.0, 2.0, 3.0], 0.5, 2.0), ([float(n) for n in range(101)], 0.95, 95.0)],
)
def test_percentiles(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == pytest.approx(expected)


def test_the_table_of_the_set_up() -> None:
    assert setup.markdown(TIMES).splitlines()[2:] == [
        "| aiortc | 30.0 | 39.0 | 10.0 | 1.0 |",
        "| purertc, trio | 10.0 | 10.0 | 4.0 | 3.0 |",
    ]


def test_the_table_of_idle_connections() -> None:
    assert idle.markdown(COSTS).splitlines()[2:] == [
        "| aiortc | 150 | 1.0 | 300 | 1.0 |",
        "| purertc, asyncio | 50 | 3.0 | 0 | inf |",
    ]


@pytest.mark.parametrize("name", available())
def test_a_process_measures_set_up(name: str) -> None:
    result = measure("setup", name, count=2)
    assert len(result["times"]) == 2
    assert all(each["wall"] > 0 and each["cpu"] > 0 for each in result["times"])


def test_a_real_run_of_the_set_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "available", lambda: ["aiortc", "purertc, asyncio"])
    report = tmp_path / "report.json"
    assert setup.main(["--rounds", "1", "--count", "1", "--json", str(report)]) == 0
    figures = json.loads(report.read_text())
    assert figures["milliseconds"]["purertc, asyncio"]["p50"] > 0
    assert "| purertc, asyncio |" in capsys.readouterr().out


def test_a_real_run_of_idle_connections(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "available", lambda: ["aiortc", "purertc, asyncio"])
    report = tmp_path / "report.json"
    assert idle.main(["--pairs", "5", "--seconds", "0.1", "--json", str(report)]) == 0
    figures = json.loads(report.read_text())
    assert figures["medians"]["purertc, asyncio"]["bytes"] > 0
    assert "| purertc, asyncio |" in capsys.readouterr().out


def test_a_process_that_fails_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="failed"):
        measure("no such measurement", "aiortc", count=1)
