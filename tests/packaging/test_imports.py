"""``import purertc`` works without any extra and loads no loop's library but the standard one."""

import subprocess
import sys

import pytest

EXTRAS = ["aioice", "aiortc", "av", "libcst", "pyee", "rich", "trio", "typer", "uvloop"]


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("module", ["purertc", "purertc.signaling"])
def test_nothing_optional_is_loaded(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {EXTRAS} if name in sys.modules])"
    assert run_python(code) == "[]"


@pytest.mark.parametrize("module", ["purertc", "purertc.signaling"])
def test_nothing_optional_is_needed(module: str) -> None:
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({EXTRAS})); import {module}; "
        f"print([name for name in {module}.__all__ if not hasattr({module}, name)])"
    )
    assert run_python(code) == "[]"


def test_the_bare_import_starts_no_event_loop_library() -> None:
    assert run_python("import sys, purertc; print('asyncio' in sys.modules)") == "False"
