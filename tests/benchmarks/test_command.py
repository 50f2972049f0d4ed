"""The command line chooses scenarios and peers, measures them, and writes what it found."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import command
from benchmarks.command import effort_of, main, measure, read_options
from benchmarks.peers import PEERS, Peer, Ready
from benchmarks.processes import MeasurementError
from benchmarks.results import Figures
from benchmarks.scenario import Effort, Figure, Scenario
from benchmarks.scenarios import FULL, QUICK, SCENARIOS


def test_without_arguments_everything_is_measured_fully() -> None:
    options = read_options([])
    assert options.peer == list(PEERS)
    assert options.scenario == [scenario.name for scenario in SCENARIOS]
    assert effort_of(options) == FULL


def test_quick_measures_four_peers_shortly() -> None:
    options = read_options(["--quick"])
    assert options.peer == ["purertc", "purertc-compiled", "aiortc", "wrtc"]
    assert effort_of(options) == QUICK


def test_peers_scenarios_and_the_amount_can_be_chosen() -> None:
    chosen = ["--peer", "wrtc", "--peer", "purertc", "--scenario", "idle"]
    options = read_options([*chosen, "--quick", "--runs", "3", "--seconds", "0.5"])
    assert (options.peer, options.scenario) == (["wrtc", "purertc"], ["idle"])
    assert (effort_of(options).runs, effort_of(options).seconds) == (3, 0.5)


@pytest.mark.parametrize("wrong", [["--peer", "nobody"], ["--scenario", "nothing"]])
def test_unknown_names_are_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(wrong)
    assert "invalid choice" in capsys.readouterr().err


def test_peers_alternate_and_one_that_failed_is_tried_no_more() -> None:
    order: list[tuple[str, int]] = []

    def run(ready: Ready, _effort: Effort, number: int) -> Figures:
        order.append((ready.peer.name, number))
        if ready.peer.name == "b":
            raise MeasurementError("no luck")
        return {"rate": float(number)}

    peers = {name: Ready(Peer(name, "json"), Path("python")) for name in "abc"}
    scenario = Scenario(
        "x", "X", run, (Figure("rate", "rate"),), takes=lambda peer: peer.name < "c"
    )
    outcome = measure(scenario, peers, replace(QUICK, runs=3), Console(file=StringIO()))
    assert order == [("a", 0), ("b", 0), ("a", 1), ("a", 2)]
    assert outcome.median("a", "rate") == 1.0
    assert outcome.failures == {"b": "no luck"}


def test_a_real_run_prints_and_writes_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = tmp_path / "pages"
    arguments = ["--quick", "--seconds", "0.2", "--scenario", "throughput"]
    arguments += ["--peer", "purertc", "--peer", "aiortc", "--pages", str(pages)]
    assert main([*arguments, "--markdown", str(tmp_path / "report.md")]) == 0
    printed = capsys.readouterr().out
    assert "| purertc |" in printed
    assert "times aiortc (must be at least 8, goal 14)" in printed
    runs = json.loads((pages / "figures.json").read_text())["scenarios"]["throughput"]["runs"]
    assert all(run["megabits"] > 0 and run["cpu"] > 0 for peer in runs.values() for run in peer)
    assert [len(runs[peer]) for peer in ("purertc", "aiortc")] == [1, 1]
    assert "![" in (pages / "figures.md").read_text()
    assert "## The receiver" in (pages / "profile.md").read_text()
    assert "| aiortc |" in (tmp_path / "report.md").read_text()


def test_an_absent_peer_is_named_and_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(PEERS, "wrtc", Peer("wrtc", "no_such_library"))
    monkeypatch.setattr(command, "SCENARIOS", ())
    assert main(["--peer", "wrtc"]) == 0
    said = capsys.readouterr()
    assert "wrtc is not measured: no_such_library is not installed" in said.err
    assert "Nowhere in this run." in said.out


def test_a_peer_that_fails_is_reported_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(PEERS, "wrtc", Peer("wrtc", "json"))
    arguments = ["--quick", "--seconds", "0.1", "--scenario", "round-trip"]
    assert main([*arguments, "--peer", "wrtc", "--peer", "purertc"]) == 0
    printed = capsys.readouterr().out
    assert "| purertc |" in printed
    assert "wrtc: not measured: ended before it said 'offer'" in printed
