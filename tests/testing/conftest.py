"""Legacy programs run without deprecation warnings."""

from collections.abc import Iterator

import pytest

from purertc_compat._deprecation import set_mode


@pytest.fixture(autouse=True)
def _no_deprecation_warnings() -> Iterator[None]:
    previous = set_mode("off")
    yield
    set_mode(previous)
