"""Build hook: with ``PURERTC_COMPILE=1`` a wheel has the hot modules as extension modules.

mypyc compiles the typed Python they are written in. The sources stay in the wheel beside them, for
tracebacks and for reading. Without the variable nothing here does anything.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from setuptools import Extension

__all__ = ["CompileHook"]

_SOURCES = Path("core")
_REQUIREMENTS = ["mypy>=2.4", "setuptools>=80"]
_SHARED_LIBRARY = "purertc"
_NO_COMPILER = """\
PURERTC_COMPILE asks for compiled modules, but a C program could not be compiled: {error}

Install a C compiler and the headers of Python {version[0]}.{version[1]}. As root on Debian:
    apt-get install gcc libc6-dev python3-dev
Without PURERTC_COMPILE in the environment purertc installs as pure Python, which needs neither.
"""


def _is_wanted() -> bool:
    return os.environ.get("PURERTC_COMPILE", "0") not in {"", "0"}


class CompileHook(BuildHookInterface[Any]):
    """Compiles the modules that match the patterns of ``compile`` in pyproject.toml."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs besides hatchling."""
        return list(_REQUIREMENTS) if _is_wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and put the results into the wheel; an editable install stays interpreted."""
        if version == "editable" or not _is_wanted():
            return
        self._folder = tempfile.TemporaryDirectory(prefix="purertc-compiled-")
        folder = Path(self._folder.name)
        _require_compiler(folder / "trial")
        with chdir(Path(self.root) / _SOURCES):
            extensions = _translate(sorted(self._modules()), folder / "c")
            built = _build(extensions, folder)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for path in built:
            build_data["force_include"][str(path)] = path.relative_to(folder / "lib").as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - as hatchling calls it
        """Remove what the wheel has a copy of."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()

    def _modules(self) -> Iterator[str]:
        """Yield the files to compile, as the interpreter will name them in tracebacks."""
        for pattern in self.config["compile"]:
            found = [path for path in Path().glob(pattern) if path.name != "__init__.py"]
            if not found:
                raise ValueError(f"no module matches {pattern!r} of compile in pyproject.toml")
            yield from map(str, found)


def _translate(modules: list[str], folder: Path) -> "list[Extension]":
    """Return the extension modules, with their C sources in ``folder``."""
    from mypyc.build import mypycify

    options = [
        "--config-file=",
        f"--cache-dir={os.devnull}",
        # `make lint` checks all types. In a build the dependencies are not installed, so that what
        # imports them, and is not compiled itself, would have errors.
        "--ignore-missing-imports",
        "--follow-imports=silent",
    ]
    return mypycify(
        [*options, *modules],
        opt_level="3",
        debug_level="0",
        group_name=_SHARED_LIBRARY,
        target_dir=str(folder),
    )


def _build(extensions: "list[Extension]", folder: Path) -> list[Path]:
    """Compile and link; return the files, which lie in ``folder / "lib"`` as in the wheel."""
    from setuptools import Distribution
    from setuptools.command.build_ext import build_ext

    command = build_ext(Distribution({"name": "purertc", "ext_modules": extensions}))
    command.build_lib = str(folder / "lib")
    command.build_temp = str(folder / "temp")
    command.parallel = os.cpu_count() or 1
    command.ensure_finalized()
    command.run()
    return [Path(path) for path in command.get_outputs()]


def _require_compiler(folder: Path) -> None:
    """Raise with advice unless a program that includes Python.h can be compiled."""
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext
    from setuptools.errors import BaseError, CCompilerError

    folder.mkdir()
    source = folder / "trial.c"
    source.write_text("#include <Python.h>\nPyMODINIT_FUNC PyInit_trial(void) { return NULL; }\n")
    extension = Extension("trial", [str(source)])
    command = build_ext(Distribution({"name": "trial", "ext_modules": [extension]}))
    command.build_lib = command.build_temp = str(folder)
    command.ensure_finalized()
    try:
        command.run()
    except (BaseError, CCompilerError) as error:
        text = _NO_COMPILER.format(error=error, version=sys.version_info)
        raise RuntimeError(text) from error
