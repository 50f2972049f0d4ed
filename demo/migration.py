"""Run rtc-migrate on the legacy programs: show the diff, and write a migrated copy elsewhere."""

import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["migrate_copy", "show_diff"]

_CHANGED = 1


def _rtc_migrate(*arguments: str, capture: bool) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "purertc_migrate", "--to", "purertc", *arguments]
    return subprocess.run(command, capture_output=capture, text=True, check=False)


def show_diff(scripts: Path) -> None:
    """Print what rtc-migrate would change; nothing is written."""
    sys.stdout.flush()
    _rtc_migrate(str(scripts), capture=False)


def migrate_copy(scripts: Path, target: Path) -> None:
    """Copy the programs to ``target`` and migrate the copy.

    Raises RuntimeError when rtc-migrate could not process one of them.
    """
    shutil.copytree(scripts, target, ignore=shutil.ignore_patterns("__pycache__"))
    done = _rtc_migrate("--write", str(target), capture=True)
    if done.returncode != _CHANGED:
        raise RuntimeError(
            f"rtc-migrate ended with {done.returncode} instead of {_CHANGED} (all changed):\n"
            f"{done.stdout}{done.stderr}"
        )
