"""Figures say where they come from."""

import platform
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from benchmarks.machine import describe, is_compiled, processor


def test_the_day_the_machine_and_the_libraries_are_named() -> None:
    text = describe()
    assert platform.python_version() in text
    assert "aiortc 1.16.0" in text
    assert text.endswith(".")


def test_the_processor_is_the_one_that_linux_names(tmp_path: Path) -> None:
    description = tmp_path / "cpuinfo"
    description.write_text("processor\t: 0\nmodel name\t: Example 3000\n")
    assert processor(description) == "Example 3000"


def test_without_a_name_it_is_the_architecture(tmp_path: Path) -> None:
    empty = tmp_path / "cpuinfo"
    empty.write_text("processor\t: 0\n")
    assert processor(empty) == processor(tmp_path / "nothing") == platform.machine()


def test_a_package_with_extension_modules_is_compiled(tmp_path: Path) -> None:
    (tmp_path / "sansio").mkdir()
    (tmp_path / "sansio" / "plain.py").touch()
    assert not is_compiled(tmp_path)
    (tmp_path / "sansio" / f"fast{EXTENSION_SUFFIXES[0]}").touch()
    assert is_compiled(tmp_path)
