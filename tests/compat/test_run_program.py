"""python -m purertc_compat runs a program as Python would, with aiortc aliased."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """\
import sys
import aiortc
import helper

class Marker:
    pass

if __name__ == "__main__":
    print(aiortc.__name__, sys.argv[1:], helper.VALUE)
    print(sys.modules["__main__"].Marker is Marker, Marker.__module__)
    sys.exit(7)
"""


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "purertc_compat", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=cwd,
    )


def make_program(folder: Path) -> Path:
    (folder / "helper.py").write_text("VALUE = 'neighbour'\n")
    path = folder / "program.py"
    path.write_text(PROGRAM)
    return path


def test_a_script_runs_with_its_arguments_and_neighbours(tmp_path: Path) -> None:
    program = make_program(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    result = run(os.path.relpath(program, elsewhere), "--flag", "-m", cwd=elsewhere)
    assert result.stdout.splitlines() == [
        "purertc_compat ['--flag', '-m'] neighbour",
        "True __main__",
    ], result.stderr
    assert result.returncode == 7


def test_a_module_runs_with_its_arguments(tmp_path: Path) -> None:
    make_program(tmp_path)
    result = run("-m", "program", "one", cwd=tmp_path)
    assert result.stdout.splitlines() == ["purertc_compat ['one'] neighbour", "True __main__"]
    assert result.returncode == 7


def test_a_traceback_names_the_program(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("1 / 0\n")
    result = run("program.py", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == "ZeroDivisionError: division by zero"


def test_a_missing_program_is_reported(tmp_path: Path) -> None:
    result = run("nothing.py", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (
        1,
        "purertc_compat: there is no program 'nothing.py'\n",
    )


def test_the_usage_is_shown(tmp_path: Path) -> None:
    assert run(cwd=tmp_path).returncode == 2
    shown = run("--help", cwd=tmp_path)
    assert shown.returncode == 0
    assert "usage: python -m purertc_compat PROGRAM" in shown.stdout
