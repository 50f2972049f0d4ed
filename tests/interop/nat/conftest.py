"""Peers behind NATs of the kernel, in namespaces. PURERTC_NETWORKS=1 runs them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.network_tools import WANTED, need_coturn, need_namespaces
from tests.support.peers.pair import PAIRINGS
from tests.support.topologies import Internet, internet

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if WANTED:
        return
    left_out = [item for item in items if item.path.is_relative_to(_HERE)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(params=PAIRINGS, ids="-".join)
def names(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Who offers and who answers."""
    offering, answering = request.param
    return offering, answering


@pytest.fixture
def net() -> Iterator[Internet]:
    """A router, to which the test adds hosts."""
    need_namespaces()
    need_coturn()
    with internet() as made:
        yield made
