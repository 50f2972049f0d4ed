"""Virtual environments of their own for peers that cannot live in the project's."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from benchmarks.processes import ROOT

__all__ = ["EnvironmentMissing", "compiled_python", "environment_python", "pinned"]

PATIENCE = 300.0
"""Seconds for an installation."""
BUILT_FROM = ("hatch_build.py", "pyproject.toml", "requirements/lock.txt", "core/**/*.py")
"""What the compiled build depends on."""
ERROR = re.compile(r"\s*(?:(?:ERROR|\w+Error): |(?=\S+:\d+: error: ))(.+)")
"""What pip says in the end, an exception, or what a compiler finds in a file."""


class EnvironmentMissing(Exception):
    """A peer cannot be installed here, and why."""


@cache
def environment_python(name: str) -> Path:
    """Return the Python of ``build/peers/NAME``, which is made and filled at the first need.

    It holds what ``requirements/bench_NAME.txt`` pins. Raises EnvironmentMissing, with the last
    thing that pip said.
    """
    requirements = ROOT / "requirements" / f"bench_{name}.txt"
    install = ["install", "--only-binary", ":all:", "--requirement", str(requirements)]
    return _filled(name, requirements.read_text(), [install], {})


@cache
def compiled_python(name: str) -> Path:
    """Return the Python of ``build/peers/NAME``, where purertc is compiled.

    It is built when there is none yet, and again when the sources have changed. Raises
    EnvironmentMissing, with the last thing that was said.
    """
    digest = hashlib.sha256()
    for path in sorted(path for pattern in BUILT_FROM for path in ROOT.glob(pattern)):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    lock = ROOT / "requirements" / "lock.txt"
    pinned = ["--constraint", str(lock), "--build-constraint", str(lock)]
    newest = ["install", "--upgrade", "--constraint", str(lock), "pip"]
    install = ["install", *pinned, f"{ROOT}[uvloop,trio]"]
    return _filled(name, digest.hexdigest(), [newest, install], {"PURERTC_COMPILE": "1"})


def _filled(
    name: str, contents: str, steps: Sequence[Sequence[str]], variables: Mapping[str, str]
) -> Path:
    """Make the environment with these steps of pip, unless it has these contents already."""
    directory = ROOT / "build" / "peers" / name
    python = directory / "bin" / "python"
    done = directory / "installed.txt"
    wanted = f"{sys.version}\n{contents}"
    if done.exists() and done.read_text() == wanted:
        return python
    shutil.rmtree(directory, ignore_errors=True)
    _run(["sh", str(ROOT / "tools" / "make_venv.sh"), str(directory)], {"PYTHON": sys.executable})
    for step in steps:
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        _run([*pip, *step], variables)
    done.write_text(wanted)
    return python


def pinned(name: str) -> str:
    """Return the version of a peer that its environment has."""
    lines = (ROOT / "requirements" / f"bench_{name}.txt").read_text().splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{name}=="))


def _run(command: list[str], variables: Mapping[str, str]) -> None:
    try:
        subprocess.run(
            command,
            env=os.environ | dict(variables),
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
    """Return what pip ends with, or else the last exception of a build."""
    errors = [found[1] for line in said if (found := ERROR.match(line))]
    return (errors or said or ["pip failed"])[-1]
