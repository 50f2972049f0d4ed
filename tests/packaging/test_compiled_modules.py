"""The compiled build has the hot modules as extension modules, the pure one has none.

``PURERTC_COMPILED=1`` says that the compiled build is what should be tested; ``make`` sets it.
"""

import os
import tomllib
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = os.environ.get("PURERTC_COMPILED") == "1"
SHARED_LIBRARY = "purertc__mypyc"


def hot_modules() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["compile"]
    sources = {path for pattern in patterns for path in (ROOT / "core").glob(pattern)}
    return sorted(
        ".".join(path.relative_to(ROOT / "core").with_suffix("").parts)
        for path in sources
        if path.name != "__init__.py"
    )


def extension_modules() -> set[str]:
    """Return the extension modules that were installed, by their dotted names."""
    return {
        ".".join((*path.parts[:-1], path.name.split(".")[0]))
        for path in files("purertc") or []
        if path.name.endswith(tuple(EXTENSION_SUFFIXES))
    }


def test_exactly_the_hot_modules_are_installed_as_extension_modules() -> None:
    expected = {*hot_modules(), SHARED_LIBRARY} if EXPECTED else set()
    assert extension_modules() == expected


@pytest.mark.parametrize("name", hot_modules())
def test_a_hot_module_runs_as_it_was_built(name: str) -> None:
    origin = str(import_module(name).__file__)
    assert origin.endswith(tuple(EXTENSION_SUFFIXES)) == EXPECTED
    assert Path(origin).exists()


@pytest.mark.parametrize("name", hot_modules())
def test_the_source_of_a_hot_module_lies_beside_it(name: str) -> None:
    origin = Path(str(import_module(name).__file__))
    assert (origin.parent / f"{name.rpartition('.')[2]}.py").exists()
