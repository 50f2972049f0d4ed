"""What a test does where the programs that it needs, or the rights, are missing: it fails.

PURERTC_NO_NETWORK_TOOLS=1 says that they are missing on purpose; such tests are then skipped,
and the summary tells what was left out and why.
"""

import os

import pytest

from tests.support.coturn import missing_for_coturn
from tests.support.namespaces import missing_for_namespaces

__all__ = ["WANTED", "need_coturn", "need_namespaces"]

WANTED = os.environ.get("PURERTC_NETWORKS") == "1"
"""Whether the tests that cost more than a few seconds are to run, as in ``make interop``."""


def need_coturn() -> None:
    """Fail or skip without coturn."""
    _need(missing_for_coturn())


def need_namespaces() -> None:
    """Fail or skip where no namespace can be made."""
    _need(missing_for_namespaces())


def _need(missing: str | None) -> None:
    if missing is None:
        return
    if os.environ.get("PURERTC_NO_NETWORK_TOOLS") == "1":
        pytest.skip(missing)
    pytest.fail(
        f"{missing}. tools/install_network_tools.sh installs what the tests need, as root; "
        "PURERTC_NO_NETWORK_TOOLS=1 leaves these tests out.",
        pytrace=False,
    )
