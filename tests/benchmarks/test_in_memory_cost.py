"""The fixed amount of work is done, and what valgrind counts of it becomes figures of a message."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks import in_memory_cost
from benchmarks.in_memory import Pair
from benchmarks.in_memory_cost import TOOLS, Tool, cost, counted
from benchmarks.peers import OWN, PEERS, Ready
from benchmarks.processes import MeasurementError
from benchmarks.scenarios import FULL

READY = Ready(PEERS[OWN], Path(sys.executable))
FIGURES = FULL.counted


@pytest.mark.parametrize("size", [100, 16384, 200_000])
def test_every_message_arrives(size: int) -> None:
    pair = Pair()
    pair.transfer(bytes(size), 30)
    assert pair.sides[1].received == 30


def test_without_valgrind_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(MeasurementError, match="valgrind is not installed"):
        cost(READY, 1, FIGURES)


def test_what_nothing_costs_is_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/valgrind")
    each = {"instructions": 70, "copied": 3, "allocations": 2}

    def count(_ready: Ready, tool: Tool, size: int, messages: int) -> int:
        work = size * messages if tool.figure == "copied" else messages
        return 1_000_000 + each[tool.figure] * work

    monkeypatch.setattr(in_memory_cost, "counted", count)
    assert cost(READY, 10, FIGURES) == {
        f"{figure}_{size}": value for figure, value in each.items() for size in (16384, 100)
    }
    assert cost(READY, 10, ["copied"]) == {"copied_16384": 3, "copied_100": 3}


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_a_tool_that_fails_is_an_error() -> None:
    with pytest.raises(MeasurementError, match="failed"):
        counted(READY, Tool("nothing", ("--tool=no-such-tool",), "x"), 0, 0)


def test_the_last_words_of_the_tools_are_understood() -> None:
    words = {
        "instructions": "==1== Collected : 2325696042",
        "copied": "==1== Total:     60,102,669 bytes in 610,633 blocks",
        "allocations": "==1==   total heap usage: 1,565,669 allocs, 1 frees, 9 bytes allocated",
    }
    assert all(re.search(tool.pattern, words[tool.figure]) for tool in TOOLS)
