"""Interoperation runs over sockets of this machine, also where it has no network."""

from collections.abc import Iterator

import aioice.ice
import pytest

from purertc_compat._deprecation import set_mode
from tests.support.stacks import PAIRINGS, Pairing


@pytest.fixture(autouse=True)
def _aioice_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    def hosts(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return ["127.0.0.1"] if use_ipv4 else []

    monkeypatch.setattr(aioice.ice, "get_host_addresses", hosts)


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
