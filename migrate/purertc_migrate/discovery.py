"""Which files a run looks at: the given paths, directories walked in a fixed order."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["SKIPPED_DIRECTORIES", "find_files", "relative_name"]

SKIPPED_DIRECTORIES = frozenset(
    {
        ".eggs",
        ".git",
        ".hg",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        "__pycache__",
        "__pypackages__",
        "build",
        "dist",
        "env",
        "node_modules",
        "site-packages",
        "venv",
    }
)


def _walk(directory: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(directory):
        folders[:] = sorted(name for name in folders if not _is_skipped(Path(folder), name))
        for name in sorted(files):
            if name.endswith((".py", ".pyi")):
                yield Path(folder, name)


def _is_skipped(parent: Path, name: str) -> bool:
    if name in {"build", "dist", "env"}:
        # Common names of ordinary packages too: only skip them when they hold no package.
        return not (parent / name / "__init__.py").exists()
    return name in SKIPPED_DIRECTORIES


def find_files(paths: Iterable[Path]) -> list[tuple[Path, Path]]:
    """Return (root, file) pairs, each file once, in an order that depends on names only.

    A file named on its own is taken whatever its suffix; its root is its directory.
    """
    found: dict[str, tuple[Path, Path]] = {}
    for path in paths:
        if path.is_dir():
            for file in _walk(path):
                found.setdefault(os.path.realpath(file), (path, file))
        else:
            found.setdefault(os.path.realpath(path), (path.parent, path))
    return sorted(found.values(), key=lambda pair: pair[1].as_posix())


def relative_name(root: Path, file: Path) -> Path:
    """Return the file's name below the folder it was found in."""
    return file.relative_to(root)
