"""Writes down on which runtime each test body of the API passed, for a table in the documentation.

Set ``PURERTC_RUNTIME_TABLE`` to a file. Each result becomes one line of JSON at its end, written in
one piece, so that processes of a parallel run may share the file. ``docs/generate.py`` reads it.
"""

import json
import os
import platform
from pathlib import Path

import pytest

from tests.support.loops import loop_factories

__all__ = ["VARIABLE", "record"]

VARIABLE = "PURERTC_RUNTIME_TABLE"

_LOOPS = {factory: name for name, factory in loop_factories().items()}


def record(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add the result of one test to the file, if one is wanted and the test has a runtime."""
    path = os.environ.get(VARIABLE)
    runtime = _runtime_of(item)
    if path is None or runtime is None or (report.when != "call" and report.passed):
        return
    line = json.dumps(
        {
            "file": report.location[0],
            "body": getattr(item, "originalname", item.name),
            "runtime": runtime,
            "outcome": report.outcome,
            "python": platform.python_version(),
        }
    )
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab", buffering=0) as file:
        file.write(line.encode() + b"\n")


def _runtime_of(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return None
    name = callspec.params.get("runtime_name")
    if isinstance(name, str):
        return name
    for value in callspec.params.values():
        if callable(value) and value in _LOOPS:
            return _LOOPS[value]
    return None
