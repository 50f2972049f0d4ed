"""coturn and peers in a network of their own, which has a loopback interface only.

``test_relay.py`` always runs, where no namespace can be made on the loopback interface of this
machine. The other files cost more and run with PURERTC_NETWORKS=1, as in ``make interop``.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.coturn import Coturn
from tests.support.namespaces import HERE, Namespace, Place, missing_for_namespaces
from tests.support.network_tools import WANTED, need_coturn, need_namespaces
from tests.support.peers.pair import PAIRINGS
from tests.support.turn_standing import TurnNetwork

_HERE = Path(__file__).parent
_ALWAYS = _HERE / "test_relay.py"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if WANTED:
        return
    left_out = [item for item in items if item.path.is_relative_to(_HERE) and item.path != _ALWAYS]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(params=PAIRINGS, ids="-".join)
def names(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Who offers and who answers."""
    offering, answering = request.param
    return offering, answering


@pytest.fixture
def network(request: pytest.FixtureRequest) -> Iterator[TurnNetwork]:
    """A place with loopback addresses and what may run there."""
    need_coturn()
    with ExitStack() as stack:
        place: Place = HERE
        if request.path != _ALWAYS:
            need_namespaces()
        if missing_for_namespaces() is None:
            place = stack.enter_context(Namespace("loopback"))
        yield TurnNetwork(place, stack)


@pytest.fixture
def coturn(network: TurnNetwork) -> Coturn:
    """The server, with a user."""
    return network.coturn()
