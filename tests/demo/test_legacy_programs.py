"""The legacy programs do their work on real aiortc; the demo's yardstick is sound."""

from pathlib import Path

import pytest

from demo.figures import ROOT
from demo.programs import FILE_SIZE, PROGRAMS, Program, make_material
from demo.runs import run_program


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_it_runs_on_aiortc(program: Program, tmp_path: Path) -> None:
    material = make_material(tmp_path)
    run = run_program(program, "aiortc", ROOT / "examples_old", material, timeout=40)
    assert run.passed, run.describe()
    messages, size = run.moved()
    assert messages > 100
    assert size > 5000
    if program.name == "filexfer":
        assert size == FILE_SIZE
        assert material.copy.read_bytes() == material.file.read_bytes()


def test_the_material_is_always_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    first, second = (make_material(folder) for folder in folders)
    assert first.file.read_bytes() == second.file.read_bytes()
    assert first.said_by_offer.read_bytes() == second.said_by_offer.read_bytes()
