"""Runs are compared by what the programs say of themselves."""

from dataclasses import replace

import pytest

from demo.processes import ProcessResult
from demo.programs import PROGRAMS
from demo.runs import Run, summaries_are_equal

CHAT = PROGRAMS[0]


def process(name: str, fields: str = "messages=3 bytes=50 digest=ab") -> ProcessResult:
    return ProcessResult(["python"], 0, f"hello\nSUMMARY {name} {fields}\n", "")


def run(implementation: str = "aiortc") -> Run:
    return Run(CHAT, implementation, process("chat-offer"), process("chat-answer"), 1.0)


def test_equal_runs_are_equal() -> None:
    assert run().passed
    assert run().moved() == (3, 50)
    assert summaries_are_equal([run("aiortc"), run("compat"), run("migrated")])


@pytest.mark.parametrize(
    "second",
    [
        process("chat-answer", "messages=4 bytes=50 digest=ab"),
        process("chat-answer", "messages=3 bytes=50 digest=ac"),
        replace(process("chat-answer"), exit_code=1),
        replace(process("chat-answer"), exit_code=None),
        process("chat-offer"),
        ProcessResult(["python"], 0, "", "Traceback"),
    ],
)
def test_a_difference_on_either_side_counts(second: ProcessResult) -> None:
    assert not summaries_are_equal([run(), replace(run(), second=second)])


def test_equal_failures_are_not_equal() -> None:
    failed = replace(run(), first=replace(process("chat-offer"), exit_code=1))
    assert not summaries_are_equal([failed, failed])


def test_a_failure_is_described_in_full() -> None:
    failed = replace(run(), first=ProcessResult(["python", "chat.py"], 3, "said\n", "oh no\n"))
    description = failed.describe()
    for part in ("chat on aiortc", "$ python chat.py", "exit code: 3", "said", "oh no"):
        assert part in description
