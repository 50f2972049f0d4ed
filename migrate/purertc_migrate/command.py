"""The entry point of rtc-migrate: says what to install where the extra is missing."""

import sys

__all__ = ["main"]

_EXTRA = {"libcst", "rich", "typer"}


def main() -> None:
    """Run the command line and exit with its code; 3 when its libraries are not installed."""
    try:
        from purertc_migrate.cli import main as run  # noqa: PLC0415  # may be missing its libraries
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        sys.exit(_complain(error.name))
    run()


def _complain(name: str) -> int:
    sys.stderr.write(
        f"rtc-migrate needs {name}, which is not installed; run: pip install 'purertc[migrate]'\n"
    )
    return 3
