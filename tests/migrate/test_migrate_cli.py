"""The command: exit codes, what is written where, and what is printed."""

import io
import json
import os
import stat
import sys
from pathlib import Path

import pytest
from rich.console import Console

from purertc_migrate.cli import invoke
from purertc_migrate.diff import print_diff

LEGACY = b"from aiortc import RTCPeerConnection\n\npc = RTCPeerConnection()\n"
MIGRATED = b"from purertc import PeerConnection\n\npc = PeerConnection()\n"
CLEAN, CHANGES, NOT_PROCESSED, USAGE = 0, 1, 2, 3


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_bytes(LEGACY)
    return path


def test_diff_is_the_default(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke([str(program)]) == CHANGES
    out = capsys.readouterr().out
    assert "-from aiortc import RTCPeerConnection\n+from purertc import PeerConnection\n" in out
    assert program.read_bytes() == LEGACY


def test_write_then_clean(program: Path) -> None:
    assert invoke([str(program), "--write"]) == CHANGES
    assert program.read_bytes() == MIGRATED
    assert invoke([str(program), "--write"]) == CLEAN


def test_check_writes_nothing(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke([str(program), "--check"]) == CHANGES
    assert capsys.readouterr().out == f"{program}\n"
    assert program.read_bytes() == LEGACY


def test_to_compat(program: Path) -> None:
    assert invoke([str(program), "--to", "compat", "--write"]) == CHANGES
    assert program.read_bytes().startswith(b"from purertc_compat import RTCPeerConnection\n")


def test_bad_file_among_good_ones(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = program.with_name("bad.py")
    bad.write_bytes(b"import aiortc\ndef (\n")
    assert invoke([str(program.parent), "--write"]) == NOT_PROCESSED
    assert program.read_bytes() == MIGRATED
    assert f"{bad}: is not valid Python" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [[], ["--nonsense"], ["missing.py"], ["--to", "moon", "x"], ["explain"], ["explain", "RM999"],
     ["-", "x.py"], ["-", "--write"], [".", "--write", "--check"]],
)  # fmt: skip
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(arguments) == USAGE
    assert capsys.readouterr().err.startswith("rtc-migrate: ")


def test_stdin(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LEGACY)))
    assert invoke(["-"]) == CHANGES
    assert capfdbinary.readouterr().out == MIGRATED


def test_mode_and_symbolic_link_survive(program: Path) -> None:
    program.chmod(0o750)
    link = program.with_name("link.py")
    link.symlink_to(program)
    assert invoke([str(link), "--write"]) == CHANGES
    assert link.is_symlink()
    assert program.read_bytes() == MIGRATED
    assert stat.S_IMODE(program.stat().st_mode) == 0o750
    assert sorted(os.listdir(program.parent)) == ["link.py", "program.py"]


def test_unchanged_files_are_not_written(program: Path) -> None:
    program.write_bytes(MIGRATED)
    before = program.stat()
    assert invoke([str(program), "--write"]) == CLEAN
    assert (program.stat().st_mtime_ns, program.stat().st_ino) == (
        before.st_mtime_ns,
        before.st_ino,
    )


def test_skipped_directories(program: Path) -> None:
    for folder in (".venv", ".git", "node_modules", "__pycache__"):
        inside = program.parent / folder / "inside.py"
        inside.parent.mkdir()
        inside.write_bytes(LEGACY)
    assert invoke([str(program.parent), "--write"]) == CHANGES
    assert (program.parent / ".venv" / "inside.py").read_bytes() == LEGACY


def test_output_keeps_relative_names(program: Path) -> None:
    nested = program.parent / "package" / "other.py"
    nested.parent.mkdir()
    nested.write_bytes(b"x = 1\n")
    program.chmod(0o755)
    target = program.parent.parent / f"{program.parent.name}-out"
    assert invoke([str(program.parent), "--output", str(target)]) == CHANGES
    assert (target / "program.py").read_bytes() == MIGRATED
    assert (target / "package" / "other.py").read_bytes() == b"x = 1\n"
    assert stat.S_IMODE((target / "program.py").stat().st_mode) == 0o755
    assert program.read_bytes() == LEGACY


def test_output_refuses_two_files_of_one_name(program: Path) -> None:
    other = program.parent / "other" / "program.py"
    other.parent.mkdir()
    other.write_bytes(LEGACY)
    target = program.parent / "out"
    assert invoke([str(program), str(other), "--output", str(target)]) == USAGE
    assert not target.exists()


def test_report(program: Path) -> None:
    program.write_bytes(LEGACY + b"pc.getStats()\n")
    report = program.with_name("report.json")
    assert invoke([str(program), "--report", str(report)]) == CHANGES
    document = json.loads(report.read_text())
    (file,) = document["files"]
    manual = [site for site in file["sites"] if site["verdict"] == "manual"]
    assert file["target"] == "compat"
    assert manual[0]["rule"] == "RM106"
    assert manual[0]["line"] == 4
    assert manual[0]["reason"]
    assert manual[0]["unblock"]


def test_rules_and_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["--rules"]) == CLEAN
    assert "RM007" in capsys.readouterr().out
    assert invoke(["explain", "rm007"]) == CLEAN
    by_number = capsys.readouterr().out
    assert invoke(["explain", "connection-handlers"]) == CLEAN
    assert capsys.readouterr().out == by_number
    assert "```python" in by_number


def test_source_is_never_read_as_markup() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="standard", width=200)
    print_diff(console, "a.py", b"x = '[bold]'\n", b"x = '[/x] [red]'\n")
    assert "[/x] [red]" in stream.getvalue()
    assert "\x1b[" in stream.getvalue()
