"""Which file of the run an import means."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

import libcst as cst

from purertc_migrate.analysis.scopes import dotted_name

__all__ = ["ModuleIndex"]


class ModuleIndex:
    """Looks files up by the names they are imported under."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_path: dict[tuple[str, ...], str] = {}
        self._by_last: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for name in sorted(names):
            path = PurePosixPath(name).with_suffix("")
            parts = path.parts[:-1] if path.name == "__init__" else path.parts
            self._by_path[parts] = name
            if parts:
                self._by_last[parts[-1]].append(parts)

    def imported(self, importer: str, node: cst.ImportFrom) -> str | None:
        """Return the file that `from … import` takes its names from."""
        return self._find(importer, node, _parts(node))

    def submodule(self, importer: str, node: cst.ImportFrom, name: str) -> str | None:
        """Return the file that `from package import name` means when `name` is a module."""
        return self._find(importer, node, (*_parts(node), name))

    def _find(self, importer: str, node: cst.ImportFrom, parts: tuple[str, ...]) -> str | None:
        if not node.relative:
            return self.absolute(importer, parts)
        folder = PurePosixPath(importer).parent.parts
        level = len(node.relative) - 1
        base = folder[: len(folder) - level] if level else folder
        return self._by_path.get(base + parts)

    def absolute(self, importer: str, parts: tuple[str, ...]) -> str | None:
        """Return the file that an absolute import means: a sibling, or the only file that fits."""
        if not parts:
            return None
        folder = PurePosixPath(importer).parent.parts
        for depth in range(len(folder), -1, -1):
            found = self._by_path.get(folder[:depth] + parts)
            if found is not None:
                return found
        fitting = [path for path in self._by_last[parts[-1]] if path[-len(parts) :] == parts]
        return self._by_path[fitting[0]] if len(fitting) == 1 else None


def _parts(node: cst.ImportFrom) -> tuple[str, ...]:
    name = dotted_name(node.module)
    return tuple(name.split(".")) if name is not None else ()
