"""Which implementations meet."""

from collections.abc import Iterator

import pytest

from purertc_compat._deprecation import set_mode
from tests.support.stacks import PAIRINGS, Pairing


@pytest.fixture(autouse=True)
def _no_deprecation_warnings() -> Iterator[None]:
    before = set_mode("off")
    yield
    set_mode(before)


@pytest.fixture(params=PAIRINGS, ids=lambda pairing: pairing.name)
def pairing(request: pytest.FixtureRequest) -> Pairing:
    """Each implementation offers to each other one."""
    pairing = request.param
    assert isinstance(pairing, Pairing)
    return pairing
