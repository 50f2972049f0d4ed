"""Certificate authorities that a browser trusts beside those it comes with."""

import subprocess
from pathlib import Path

from tests.support.browsers.process import find_executable

__all__ = ["trust"]


def trust(database: Path, authority: Path) -> None:
    """Make the certificate database of NSS in the directory ``database``, with one authority.

    Raises BrowserMissingError without the program that writes such databases.
    """
    certutil = find_executable("certutil", package="libnss3-tools")
    database.mkdir(parents=True, exist_ok=True)
    for command in (
        ["-N", "--empty-password"],
        ["-A", "-n", "purertc test authority", "-t", "C,,", "-i", str(authority)],
    ):
        subprocess.run([certutil, *command, "-d", f"sql:{database}"], check=True)
