"""The examples that bring their own loop, or none, do what they say and leave nothing behind."""

import subprocess
import sys

import pytest

from demo.figures import ROOT

EXAMPLES = ROOT / "examples_new"

EXPECTED = {
    "custom_runtime": "echo: hello\necho: from a loop of my own\n",
    "bare_loop": (
        "the other side opened chat\n"
        "received hello\n"
        "received without\n"
        "received a runtime\n"
        "closed: the other side closed the DTLS association\n"
        "closed: this side closed the connection\n"
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_runs_by_itself(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", str(EXAMPLES / name / f"{name}.py")],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_no_event_loop_library_is_loaded(name: str) -> None:
    program = (
        "import runpy, sys\n"
        f"runpy.run_path({str(EXAMPLES / name / f'{name}.py')!r}, run_name='__main__')\n"
        "print([each for each in ('asyncio', 'trio', 'anyio') if each in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout == EXPECTED[name] + "[]\n"


def test_the_bare_loop_is_short() -> None:
    text = (EXAMPLES / "bare_loop" / "bare_loop.py").read_text()
    assert text.count("\n") < 120
