"""Tables, medians, verdicts and what is said where purertc loses."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks.report import (
    Report,
    is_behind,
    losses,
    markdown,
    section,
    table,
    verdicts,
    write_json,
    write_plots,
)
from benchmarks.results import Outcome, percentile
from benchmarks.scenario import Better, Figure, Goal, Scenario


def scenario() -> Scenario:
    return Scenario(
        "speed",
        "Speed",
        lambda _ready, _effort, _number: {},
        (Figure("rate", "a second", Better.MORE), Figure("delay", "ms", Better.LESS, 1)),
        (
            Goal("rate", "wrtc", 1.0, 2.0),
            Goal("rate", "aiortc", 8, 14),
            Goal("delay", None, 10, 5),
            Goal("delay", "wrtc", None, 1.0),
            Goal("rate", "wrtc", None, 2.3, peer="purertc-compiled"),
        ),
    )


def outcome() -> Outcome:
    found = Outcome()
    for rate in (10.0, 30.0, 20.0):
        found.add("purertc", {"rate": rate, "delay": 20.0})
        found.add("wrtc", {"rate": 2 * rate, "delay": 10.0})
    found.fail("aiortc", "it said nothing")
    return found


def report() -> Report:
    return Report(True, 0.5, [(scenario(), outcome())], {"aiolibdatachannel": "no wheel"})


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


def test_the_table_has_medians_all_runs_and_ratios() -> None:
    lines = section(scenario(), outcome()).splitlines()
    assert lines[0] == "| peer | a second | ms | all runs | times wrtc |"
    assert lines[2:4] == [
        "| purertc | 20 | 20.0 | 10, 30, 20 | 0.50 |",
        "| wrtc | 40 | 10.0 | 20, 60, 40 | 1.00 |",
    ]
    assert lines[-1] == "aiortc: not measured: it said nothing"


def test_each_goal_gets_a_verdict() -> None:
    assert verdicts(scenario(), outcome()) == [
        "a second: 0.50 times wrtc (must be at least 1, goal 2): **MISSED**",
        "a second times aiortc: not measured",
        "ms: 20.00 (must be at most 10, goal 5): **MISSED**",
        "ms: 2.00 times wrtc (goal 1): enough, goal missed",
        "purertc-compiled, a second times wrtc: not measured",
    ]


def test_a_goal_may_be_of_another_build() -> None:
    found = outcome()
    found.add("purertc-compiled", {"rate": 100.0, "delay": 5.0})
    line = "purertc-compiled, a second: 2.50 times wrtc (goal 2.3): goal reached"
    assert line in verdicts(scenario(), found)
    text = markdown(Report(True, 0.5, [(scenario(), found)]))
    assert "purertc-compiled, which is compiled from the same sources as purertc, ran in" in text


@pytest.mark.parametrize(
    ("value", "better", "verdict"),
    [
        (2.0, Better.MORE, "goal reached"),
        (1.5, Better.MORE, "enough, goal missed"),
        (0.9, Better.MORE, "MISSED"),
    ],
)
def test_more_is_better_where_the_figure_says_so(
    value: float, better: Better, verdict: str
) -> None:
    assert Goal("rate", "wrtc", 1.0, 2.0).verdict(value, better) == verdict


def test_what_is_behind_is_said_plainly() -> None:
    assert losses(report()) == [
        "Speed, a second: 0.50 times wrtc",
        "Speed, ms: 2.00 times wrtc",
    ]


@pytest.mark.parametrize(
    ("ratio", "better", "behind"),
    [
        (0.98, Better.MORE, True),
        (0.999, Better.MORE, False),
        (1.02, Better.LESS, True),
        (1.001, Better.LESS, False),
        (0.5, Better.LESS, False),
    ],
)
def test_next_to_nothing_is_no_loss(ratio: float, better: Better, behind: bool) -> None:
    assert is_behind(ratio, better) is behind


def test_the_whole_report_names_machine_absent_peers_and_losses() -> None:
    text = markdown(report(), plots={"speed": "speed.svg"})
    assert text.startswith("Measured on ")
    assert "The load average was 0.5 before the first measurement." in text
    assert "A quick run" in text
    assert "aiolibdatachannel is not in the tables: no wheel." in text
    assert "wrtc 0.1.0 ran in an environment of its own." in text
    assert "![Speed](speed.svg)" in text
    assert text.endswith("- Speed, ms: 2.00 times wrtc\n")


def test_without_a_loss_it_says_so() -> None:
    assert markdown(Report(False, 0.5)).endswith("Nowhere in this run.\n")


def test_files_hold_every_run(tmp_path: Path) -> None:
    write_json(report(), tmp_path / "figures.json")
    written = json.loads((tmp_path / "figures.json").read_text())
    assert [run["rate"] for run in written["scenarios"]["speed"]["runs"]["purertc"]] == [10, 30, 20]
    assert written["missing"] == {"aiolibdatachannel": "no wheel"}
    assert write_plots(report(), tmp_path) == {"speed": "speed.svg"}
    ET.fromstring((tmp_path / "speed.svg").read_text())  # noqa: S314  # text of our own
