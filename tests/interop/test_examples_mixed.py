"""New programs on purertc understand old ones on aiortc, whichever of them starts."""

import sys
from pathlib import Path

import pytest

from demo.figures import ROOT
from demo.processes import free_port, run_pair
from demo.programs import PROGRAMS, Program, make_material
from demo.runs import Run, launcher


@pytest.mark.parametrize("new_starts", [True, False])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_old_and_new_work_together(program: Program, new_starts: bool, tmp_path: Path) -> None:
    port = free_port()
    first, second = program.commands(make_material(tmp_path), port)
    new = [sys.executable, str(ROOT / "examples_new")]
    old = [*launcher("aiortc"), str(ROOT / "examples_old")]
    starter, joiner = (new, old) if new_starts else (old, new)
    results = run_pair(
        [*starter[:-1], f"{starter[-1]}/{first[0]}", *first[1:]],
        [*joiner[:-1], f"{joiner[-1]}/{second[0]}", *second[1:]],
        port=port,
        timeout=40,
    )
    run = Run(program, "mixed", *results)
    assert run.passed, run.describe()
    assert run.moved()[0] > 0
