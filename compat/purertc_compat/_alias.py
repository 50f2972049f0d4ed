"""install(): make ``import aiortc`` mean purertc_compat."""

import importlib
import pkgutil
import sys

import purertc_compat

__all__ = ["install"]


def install() -> None:
    """Alias ``aiortc`` and its submodules to this package, for the whole process.

    Call it before anything imports aiortc; third-party libraries that import aiortc afterwards get
    this package too. Calling it again does nothing.

    Raises:
        RuntimeError: the real aiortc is imported already, so some code holds its classes.
    """
    present = sys.modules.get("aiortc")
    if present is not None and present is not purertc_compat:
        raise RuntimeError(
            "aiortc is imported already; call purertc_compat.install() before anything imports it, "
            "or start the program with 'python -m purertc_compat'"
        )
    for info in pkgutil.walk_packages(purertc_compat.__path__, purertc_compat.__name__ + "."):
        if not info.name.endswith(".__main__"):
            importlib.import_module(info.name)
    for name, module in list(sys.modules.items()):
        root, _, rest = name.partition(".")
        if root == purertc_compat.__name__:
            sys.modules[f"aiortc.{rest}" if rest else "aiortc"] = module
