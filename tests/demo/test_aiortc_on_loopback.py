"""aioice gets 127.0.0.1 where it finds no other address, and keeps its own where it does."""

import subprocess
import sys
from pathlib import Path

import aioice.ice
import pytest

from demo import aiortc_on_loopback
from demo.figures import ROOT


@pytest.mark.parametrize(
    ("found", "expected"), [([], ["127.0.0.1"]), (["192.0.2.7"], ["192.0.2.7"])]
)
def test_loopback_only_when_alone(
    found: list[str], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aiortc_on_loopback, "_find_host_addresses", lambda _ipv4, _ipv6: found)
    monkeypatch.setattr(aioice.ice, "get_host_addresses", aioice.ice.get_host_addresses)
    aiortc_on_loopback.use_loopback_when_alone()
    assert aioice.ice.get_host_addresses(True, True) == expected


def test_it_runs_a_program_as_python_would(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("NAME = 'beside'")
    program = tmp_path / "program.py"
    program.write_text("import beside, sys; print(__name__, beside.NAME, sys.argv[1:])")
    launcher = ROOT / "demo" / "aiortc_on_loopback.py"
    done = subprocess.run(
        [sys.executable, str(launcher), str(program), "a", "-b"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "__main__ beside ['a', '-b']\n"
