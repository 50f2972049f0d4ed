"""What the set-up and idle benchmarks compare, and how one of them is measured."""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["BASELINE", "SUBJECTS", "Subject", "available", "measure"]

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 300.0
"""Seconds for one process."""


@dataclass(frozen=True)
class Subject:
    """A library on an event loop."""

    library: str
    loop: str


BASELINE = "aiortc"

SUBJECTS = {
    BASELINE: Subject("aiortc", "asyncio"),
    "compat": Subject("purertc_compat", "asyncio"),
    "purertc, asyncio": Subject("purertc", "asyncio"),
    "purertc, uvloop": Subject("purertc", "uvloop"),
    "purertc, trio": Subject("purertc", "trio"),
}


def available() -> list[str]:
    """The names of those whose event loop is installed."""
    return [name for name, each in SUBJECTS.items() if importlib.util.find_spec(each.loop)]


def measure(measurement: str, name: str, *, count: int, seconds: float = 0.0) -> dict[str, Any]:
    """Run one process and return its result.

    Raises RuntimeError when it fails, subprocess.TimeoutExpired when it does not end.
    """
    subject = SUBJECTS[name]
    command = [sys.executable, "-m", "benchmarks.pair_process", measurement]
    command += ["--library", subject.library, "--loop", subject.loop]
    command += ["--count", str(count), "--seconds", str(seconds)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PURERTC_COMPAT_WARNINGS": "off"},
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the process of {name} failed; its error output is above")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
