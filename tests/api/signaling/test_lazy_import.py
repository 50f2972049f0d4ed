"""``import purertc.signaling`` loads no event loop; what needs asyncio loads it when asked for."""

import subprocess
import sys

import pytest

import purertc.signaling


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_asyncio_is_not_loaded() -> None:
    code = "import sys, purertc.signaling; print('asyncio' in sys.modules)"
    assert run_python(code) == "False"


def test_it_is_loaded_with_what_needs_it() -> None:
    code = (
        "import sys; from purertc.signaling import PerfectNegotiator, AutomaticIceRestart;"
        " print('asyncio' in sys.modules);"
        " from purertc.signaling import TcpSocketSignaling; print('asyncio' in sys.modules)"
    )
    assert run_python(code) == "False\nTrue"


def test_every_name_can_be_had() -> None:
    for name in purertc.signaling.__all__:
        assert getattr(purertc.signaling, name) is not None


def test_others_cannot() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(purertc.signaling, "nothing")  # noqa: B009  # the type checker knows it
