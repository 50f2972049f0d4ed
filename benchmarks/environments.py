"""Virtual environments of their own for peers that cannot live in the project's."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from benchmarks.processes import ROOT

__all__ = ["EnvironmentMissing", "environment_python", "pinned"]

PATIENCE = 300.0
"""Seconds for an installation."""


class EnvironmentMissing(Exception):
    """A peer cannot be installed here, and why."""


@cache
def environment_python(name: str) -> Path:
    """Return the Python of ``build/peers/NAME``, which is made and filled at the first need.

    It holds what ``requirements/bench_NAME.txt`` pins. Raises EnvironmentMissing, with the last
    thing that pip said.
    """
    requirements = ROOT / "requirements" / f"bench_{name}.txt"
    directory = ROOT / "build" / "peers" / name
    python = directory / "bin" / "python"
    done = directory / "installed.txt"
    wanted = f"{sys.version}\n{requirements.read_text()}"
    if done.exists() and done.read_text() == wanted:
        return python
    shutil.rmtree(directory, ignore_errors=True)
    _run(["sh", str(ROOT / "tools" / "make_venv.sh"), str(directory)], {"PYTHON": sys.executable})
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--only-binary", ":all:", "--requirement", str(requirements)], {})
    done.write_text(wanted)
    return python


def pinned(name: str) -> str:
    """Return the version of a peer that its environment has."""
    lines = (ROOT / "requirements" / f"bench_{name}.txt").read_text().splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{name}=="))


def _run(command: list[str], environment: dict[str, str]) -> None:
    try:
        subprocess.run(
            ["env", *(f"{key}={value}" for key, value in environment.items()), *command],
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise EnvironmentMissing(f"the installation took more than {PATIENCE:.0f} s") from None
    except (subprocess.CalledProcessError, OSError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()
        raise EnvironmentMissing(_reason(said)) from None


def _reason(said: list[str]) -> str:
    errors = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR")]
    return (errors or said or ["pip failed"])[-1]
