"""On what, with what and when the figures are measured.

python -m benchmarks.machine
"""

import os
import platform
from datetime import UTC, datetime
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import version
from pathlib import Path

import purertc

__all__ = ["describe", "is_compiled", "processor"]

LIBRARIES = ("purertc", "aiortc", "cryptography", "pyOpenSSL")


def describe() -> str:
    """Return a paragraph of Markdown."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    build = "compiled" if is_compiled(Path(purertc.__file__).parent) else "pure Python"
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()}"
        f" ({libraries}; purertc as {build}) on {platform.system()} {platform.release()},"
        f" {os.cpu_count()} cores, {processor(Path('/proc/cpuinfo'))}."
    )


def is_compiled(package: Path) -> bool:
    """Whether a package has extension modules."""
    return any(any(package.rglob(f"*{suffix}")) for suffix in EXTENSION_SUFFIXES)


def processor(description: Path) -> str:
    """Return the name of the processor, as Linux describes it, or else its architecture."""
    if description.exists():
        for line in description.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.machine()


if __name__ == "__main__":
    print(describe())
