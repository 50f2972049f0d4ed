"""The demo succeeds when all three runs of every program are equal, and only then."""

from dataclasses import replace
from pathlib import Path

import pytest

import demo.__main__ as demo_main
from demo.figures import ROOT
from demo.migration import migrate_copy
from demo.processes import ProcessResult
from demo.programs import Material, Program
from demo.runs import Run


def test_one_program_for_real(capfd: pytest.CaptureFixture[str]) -> None:
    assert demo_main.main(["--only", "chat", "--no-figures"]) == 0
    printed = capfd.readouterr().out
    assert "-from aiortc" in printed
    assert "+from purertc" in printed
    for implementation in ("aiortc", "compat", "migrated"):
        assert f"chat      {implementation:9} ok" in printed
    assert "yes" in printed


class TestWithoutProcesses:
    @pytest.fixture(autouse=True)
    def runs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.migrated_bytes = 10

        def run_program(
            program: Program, implementation: str, _scripts: Path, _material: Material
        ) -> Run:
            size = self.migrated_bytes if implementation == "migrated" else 10
            first, second = (
                ProcessResult(["x"], 0, f"SUMMARY {name} messages=1 bytes={size}\n", "")
                for name in (program.first, program.second)
            )
            if size < 0:
                first = replace(first, exit_code=3, errors="it broke [here]\n")
            return Run(program, implementation, first, second, 0.1)

        monkeypatch.setattr(demo_main, "run_program", run_program)

    def demo(self) -> int:
        return demo_main.main(["--only", "chat", "--only", "rpc", "--no-diff", "--no-figures"])

    def test_equal_rows_succeed(self) -> None:
        assert self.demo() == 0

    def test_a_difference_fails_and_is_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.migrated_bytes = 11
        assert self.demo() == 1
        printed = capsys.readouterr().out
        assert "Not equal: chat, rpc" in printed
        assert "'bytes': '11'" in printed

    def test_a_failure_fails_and_is_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.migrated_bytes = -1
        assert self.demo() == 1
        assert "it broke [here]" in capsys.readouterr().out


def test_the_copy_is_migrated_and_the_original_is_not(tmp_path: Path) -> None:
    legacy = ROOT / "examples_old"
    before = {path: path.read_bytes() for path in legacy.rglob("*.py")}
    migrate_copy(legacy, tmp_path / "copy")
    assert {path: path.read_bytes() for path in legacy.rglob("*.py")} == before
    for path in before:
        text = (tmp_path / "copy" / path.relative_to(legacy)).read_text()
        assert "aiortc" not in text.split('"""')[2]
        assert "from purertc" in text


def test_a_program_that_cannot_be_migrated_is_an_error(tmp_path: Path) -> None:
    legacy = tmp_path / "legacy"
    legacy.mkdir()
    (legacy / "broken.py").write_text("from aiortc import (\n")
    with pytest.raises(RuntimeError, match="broken"):
        migrate_copy(legacy, tmp_path / "copy")
