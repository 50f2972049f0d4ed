"""The programs in README and documentation work as they are printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from demo.figures import ROOT
from demo.processes import free_port, run_pair
from demo.runs import launcher

PROGRAMS = ROOT / "docs" / "programs"


def readme_blocks() -> list[str]:
    return re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", *command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_the_readme_shows_the_programs_of_the_documentation() -> None:
    new, legacy = readme_blocks()
    assert new == (PROGRAMS / "echo.py").read_text()
    assert legacy == (PROGRAMS / "echo_legacy.py").read_text()


def test_the_first_program_works_when_typed_in(tmp_path: Path) -> None:
    program = tmp_path / "typed_in.py"
    program.write_text(readme_blocks()[0])
    assert run(str(program), cwd=tmp_path) == "echo: hello\n"


@pytest.mark.parametrize("implementation", ["aiortc", "compat"])
def test_the_legacy_form_does_the_same(implementation: str, tmp_path: Path) -> None:
    program = tmp_path / "typed_in.py"
    program.write_text(readme_blocks()[1])
    done = subprocess.run(
        [*launcher(implementation), str(program)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "echo: hello\n"


def test_two_programs_talk() -> None:
    port = free_port()
    program = [sys.executable, str(PROGRAMS / "talk.py")]
    arguments = ["--signaling", "tcp-socket", "--signaling-port", str(port)]
    first, second, _ = run_pair(
        [*program, "offer", *arguments], [*program, "answer", *arguments], port=port, timeout=30
    )
    assert first.exit_code == 0, first.describe()
    assert second.exit_code == 0, second.describe()
    assert second.output == "hello from the other program\n"


def test_two_peers_without_io(tmp_path: Path) -> None:
    output = run(str(PROGRAMS / "sansio.py"), cwd=tmp_path)
    assert output == "the other side opened chat\nreceived hello\n"
