"""What aiortc has and purertc_compat does not have yet, and the errors that say so.

A program that imports such a name gets an ImportError with the reason, instead of Python's bare
"cannot import name". Python asks the finders of ``sys.meta_path`` about a name that a package
lacks, but not about one that a plain module lacks; so every module here has an (empty)
``__path__``.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final, NoReturn

from purertc_compat._absent_names import ABSENT_MODULES, ABSENT_NAMES

__all__ = ["AbsenceFinder", "absence_of", "describe_absence", "install_finder"]

_PACKAGE: Final = __name__.rpartition(".")[0]

_REASONS: Final = {
    f"{module}.{name}".lstrip("."): reason
    for module, (reason, names) in ABSENT_NAMES.items()
    for name in names.split()
} | ABSENT_MODULES


def absence_of(dotted: str) -> str | None:
    """Say why ``dotted``, relative to aiortc, is not here; None when aiortc lacks it as well."""
    reason = _REASONS.get(dotted)
    if reason is None:
        parent = next((m for m in ABSENT_MODULES if dotted.startswith(m + ".")), None)
        if parent is None:
            return None
        reason = ABSENT_MODULES[parent]
    return f"aiortc.{dotted} is not available in purertc_compat yet ({reason})"


def describe_absence(module: str) -> tuple[list[str], Callable[[str], NoReturn]]:
    """Make ``__path__`` and ``__getattr__`` for one of our modules."""
    prefix = module.removeprefix(_PACKAGE).lstrip(".")

    def refuse(name: str) -> NoReturn:
        message = absence_of(f"{prefix}.{name}".lstrip("."))
        raise AttributeError(
            message or f"module {module!r} has no attribute {name!r}",
            name=name,
            obj=sys.modules.get(module),
        )

    return [], refuse


class AbsenceFinder:
    """A finder that finds nothing, but knows why."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  # the interface of finders
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Raise ImportError for what is known to be missing; otherwise leave it to others."""
        root, _, dotted = fullname.partition(".")
        if not dotted or not (root == _PACKAGE or _is_alias(root)):
            return None
        message = absence_of(dotted)
        if message is not None:
            raise ImportError(message, name=fullname)
        return None


def _is_alias(root: str) -> bool:
    return root == "aiortc" and sys.modules.get(root) is sys.modules.get(_PACKAGE)


def install_finder() -> None:
    """Let imports ask the finder. Does nothing the second time."""
    if not any(isinstance(finder, AbsenceFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, AbsenceFinder())
