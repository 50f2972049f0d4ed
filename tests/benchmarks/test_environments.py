"""A peer with an environment of its own: made once, or a reason why not."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import environments
from benchmarks.environments import (
    BUILT_FROM,
    EnvironmentMissing,
    compiled_python,
    environment_python,
)
from benchmarks.peers import PEERS, Peer, PeerMissing, ready
from benchmarks.processes import ROOT

SUCCESS = r"""mkdir -p "$1/bin"
printf '#!/bin/sh\necho made >> %s.log\n' "$1" > "$1/bin/python"
chmod +x "$1/bin/python"
"""
FAILURE = "echo 'ERROR: No matching distribution found for example==1' >&2\nexit 1\n"


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    environment_python.cache_clear()
    compiled_python.cache_clear()
    (tmp_path / "tools").mkdir()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "bench_example.txt").write_text("example==1\n")
    yield tmp_path
    environment_python.cache_clear()
    compiled_python.cache_clear()


def test_it_is_made_once(root: Path) -> None:
    (root / "tools" / "make_venv.sh").write_text(SUCCESS)
    python = environment_python("example")
    assert python == root / "build" / "peers" / "example" / "bin" / "python"
    environment_python.cache_clear()
    assert environment_python("example") == python
    assert (root / "build" / "peers" / "example.log").read_text() == "made\n"


def test_it_is_filled_again_when_the_pins_change(root: Path) -> None:
    (root / "tools" / "make_venv.sh").write_text(SUCCESS)
    environment_python("example")
    environment_python.cache_clear()
    (root / "requirements" / "bench_example.txt").write_text("example==2\n")
    environment_python("example")
    assert (root / "build" / "peers" / "example.log").read_text() == "made\nmade\n"


def test_what_cannot_be_installed_says_why(root: Path) -> None:
    (root / "tools" / "make_venv.sh").write_text(FAILURE)
    with pytest.raises(EnvironmentMissing, match="No matching distribution found for example==1"):
        environment_python("example")
    with pytest.raises(PeerMissing, match="No matching distribution"):
        ready(Peer("example", "example", environment="example"))


def test_a_loop_that_is_not_installed_makes_a_peer_absent() -> None:
    with pytest.raises(PeerMissing, match="no_such_loop is not installed"):
        ready(Peer("example", "json", "no_such_loop"))


def test_the_others_run_here() -> None:
    assert ready(PEERS["aiortc"]).python == Path(sys.executable)


def test_the_compiled_build_is_made_again_when_a_source_changes(root: Path) -> None:
    (root / "tools" / "make_venv.sh").write_text(SUCCESS)
    source = root / "core" / "purertc" / "hot.py"
    source.parent.mkdir(parents=True)
    for text, made in (("A = 1\n", 2), ("A = 1\n", 2), ("A = 2\n", 4)):
        source.write_text(text)
        compiled_python.cache_clear()
        assert compiled_python("compiled").parent.parent == root / "build" / "peers" / "compiled"
        log = (root / "build" / "peers" / "compiled.log").read_text()
        assert log == "made\n" * made


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("RuntimeError: no C program can be compiled", "no C program can be compiled"),
        ("purertc/hot.py:1: error: no such type", "purertc/hot.py:1: error: no such type"),
    ],
)
def test_a_build_that_fails_says_why(root: Path, last: str, reason: str) -> None:
    said = f"      {last}\n      [end]\n\nhint: See above."
    (root / "tools" / "make_venv.sh").write_text(f"cat >&2 <<'END'\n{said}\nEND\nexit 1\n")
    with pytest.raises(PeerMissing, match=f"^{reason}$"):
        ready(Peer("example", "example", environment="example", compiled=True))


def test_the_sources_that_are_compiled_are_here() -> None:
    assert all(any(ROOT.glob(pattern)) for pattern in BUILT_FROM)
