"""On what, with what and when the figures are measured.

python -m benchmarks.machine
"""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

__all__ = ["describe", "processor"]

LIBRARIES = ("purertc", "aiortc", "cryptography", "pyOpenSSL")


def describe() -> str:
    """Return a paragraph of Markdown."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()}"
        f" ({libraries}) on {platform.system()} {platform.release()}, {os.cpu_count()} cores,"
        f" {processor(Path('/proc/cpuinfo'))}."
    )


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
