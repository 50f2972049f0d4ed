"""Without its extra, a package says what to install."""

import subprocess
import sys

import pytest

BLOCK = """
import importlib.abc, importlib.util, sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        return None

sys.meta_path.insert(0, Absent())
find_spec = importlib.util.find_spec

def find_other_spec(name, *rest):
    return None if name in {absent!r} else find_spec(name, *rest)

importlib.util.find_spec = find_other_spec
"""


def run_without(absent: set[str], program: str) -> subprocess.CompletedProcess[str]:
    source = BLOCK.format(absent=absent) + program
    return subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("absent", ["libcst", "rich", "typer"])
def test_rtc_migrate_names_its_extra(absent: str) -> None:
    done = run_without({absent}, "from purertc_migrate.command import main; main()")
    assert done.returncode == 3
    assert "pip install 'purertc[migrate]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_compat_names_its_extra() -> None:
    done = run_without({"pyee"}, "import purertc_compat")
    assert done.returncode == 1
    assert "pip install 'purertc[compat]'" in done.stderr.splitlines()[-1]
