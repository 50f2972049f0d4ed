"""The table of the API tests on each runtime says what a run of them gave."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from demo.figures import ROOT
from tests.support.runtime_table import VARIABLE
from tests.support.runtimes import RUNTIMES


def result(body: str, runtime: str, outcome: str = "passed", file: str = "tests/a.py") -> str:
    return json.dumps(
        {"file": file, "body": body, "runtime": runtime, "outcome": outcome, "python": "3.11.9"}
    )


def test_bodies_are_counted_by_file_and_runtime(generate: ModuleType) -> None:
    lines = [
        *(result("test_x", name) for name in ("asyncio", "uvloop", "trio", "trio-nursery")),
        result("test_x", "asyncio"),  # another case of the same body
        result("test_y", "asyncio"),
        result("test_y", "trio", "failed"),
        result("test_y", "trio-nursery"),
        result("test_y", "custom", "skipped"),
        result("test_z", "asyncio", file="tests/b.py"),
    ]
    assert generate.runtime_table(lines) == (
        "| tests | asyncio | asyncio + uvloop | trio |\n"
        "|---|--:|--:|--:|\n"
        "| `tests/a.py` | 2 | 1 | 1 of 2 |\n"
        "| `tests/b.py` | 1 | — | — |\n"
        "| **all** | 3 | 1 | 1 of 2 |\n"
        "\n"
        "Python 3.11.9.\n"
    )


def test_without_a_run_it_says_how_to_get_one(generate: ModuleType) -> None:
    assert "`make test`" in generate.runtime_table([])


def test_every_runtime_of_the_tests_has_a_column(generate: ModuleType) -> None:
    assert set(RUNTIMES) <= set(generate.COLUMNS)


def test_processes_of_a_parallel_run_share_the_file(tmp_path: Path) -> None:
    table = tmp_path / "build" / "runtimes.jsonl"
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"),
            *("tests/api/test_byte_stream.py", "tests/api/test_surface.py", "-k", "stream or id"),
        ],
        cwd=ROOT,
        env=outside | {VARIABLE: str(table)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    results = [json.loads(line) for line in table.read_text().splitlines()]
    ran = {(each["body"], each["runtime"]) for each in results}
    assert {("test_messages_join_and_split", name) for name in RUNTIMES} <= ran
    assert ("test_an_id_can_be_used_once", "asyncio") in ran
    assert {each["outcome"] for each in results} == {"passed"}
