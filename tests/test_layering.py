"""The protocol core is told the time and the randomness; it does not ask (AST check)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import purertc

ROOT = Path(purertc.__file__).parent
CORE_FILES = sorted([*ROOT.glob("wire/**/*.py"), *ROOT.glob("sansio/**/*.py")])
FORBIDDEN_MODULES = {
    "asyncio", "trio", "socket", "selectors", "ssl", "threading", "time", "random",
    "secrets", "uuid", "os", "pyee", "av",
}  # fmt: skip
FORBIDDEN_CALLS = {"now", "utcnow", "today", "urandom", "getrandom", "monotonic", "perf_counter"}


def ambient_reads(source: str) -> Iterator[str]:
    """Yield what in ``source`` reads a clock, entropy or I/O behind the caller's back."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in FORBIDDEN_MODULES:
                    yield f"line {node.lineno}: import {alias.name}"
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module.split(".")[0] in FORBIDDEN_MODULES:
                yield f"line {node.lineno}: from {node.module} import"
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in FORBIDDEN_CALLS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"datetime", "date", "os", "time"}
        ):
            yield f"line {node.lineno}: {node.func.value.id}.{node.func.attr}()"


@pytest.mark.parametrize("path", CORE_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_core_file_reads_no_clock_and_no_entropy(path: Path) -> None:
    assert list(ambient_reads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    ["import time", "from os import urandom", "datetime.now()", "import asyncio.events"],
)
def test_the_check_itself_finds(source: str) -> None:
    assert list(ambient_reads(source)) != []
