"""The coverage gate counts branches of the named package, and lets nothing unmeasured pass."""

import json
from pathlib import Path

import pytest

from tools.branch_coverage import main


@pytest.fixture
def report(tmp_path: Path) -> Path:
    counts = {
        "core/purertc/a.py": (9, 10),
        "core/purertc/b.py": (10, 10),
        "core/purertc/empty.py": (0, 0),
        "compat/purertc_compat/c.py": (0, 1000),
    }
    files = {
        name: {"summary": {"covered_branches": covered, "num_branches": number}}
        for name, (covered, number) in counts.items()
    }
    path = tmp_path / "coverage.json"
    path.write_text(json.dumps({"files": files}))
    return path


@pytest.mark.parametrize(("minimum", "code"), [("95", 0), ("95.1", 1)])
def test_the_minimum_decides(report: Path, minimum: str, code: int) -> None:
    assert main([str(report), "--package", "core/purertc", "--minimum", minimum]) == code


def test_files_below_the_minimum_are_named(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(report), "--package", "core/purertc", "--minimum", "95"])
    printed = capsys.readouterr().out
    assert "90.0 %  core/purertc/a.py" in printed
    assert "b.py" not in printed
    assert "95.0 %  19 of 20 branches of core/purertc" in printed


def test_nothing_measured_is_a_failure(report: Path) -> None:
    assert main([str(report), "--package", "nowhere", "--minimum", "0"]) == 1
