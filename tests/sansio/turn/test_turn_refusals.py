"""What the client makes of a server that gives no allocation."""

from random import Random

import pytest

from purertc.errors import ArgumentError, InvalidStateError
from purertc.sansio.turn import TurnAllocated, TurnClient, TurnConfig, TurnFailed, TurnRedirected
from purertc.testing import SimulatedTurnServer
from purertc.wire.stun import ALLOCATE, REFRESH
from tests.support.turn_on_host import CREDENTIALS, TurnNetwork


@pytest.fixture
def lan() -> TurnNetwork:
    return TurnNetwork()


@pytest.mark.parametrize("code", [400, 403, 420, 440, 441, 442, 486, 500, 508, 699])
def test_an_error_is_reported_with_its_code(lan: TurnNetwork, code: int) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.refuse_with = (code, "For a reason\n")
    turn = lan.client()
    lan.run()
    assert turn.events == [TurnFailed(code, "For a reason")]
    assert turn.client.next_deadline() is None
    assert server.allocations == []


def test_a_family_the_server_does_not_have(lan: TurnNetwork) -> None:
    lan.server_host.remove_address(lan.SERVER_V6)
    SimulatedTurnServer(lan.server_host)
    turn = lan.client(family=6)
    lan.run()
    assert turn.events == [TurnFailed(440, "Address Family not Supported")]


def test_try_alternate_without_an_address_is_a_failure(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.refuse_with = (300, "Try Alternate")
    turn = lan.client()
    lan.run()
    assert turn.events == [TurnFailed(300, "Try Alternate")]


def test_try_alternate_names_the_server(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.alternate = ("2001:db8::7", 3479)
    turn = lan.client()
    lan.run(100)
    assert turn.events == [TurnRedirected(("2001:db8::7", 3479), 300, "Try Alternate")]
    assert server.requests == [ALLOCATE, ALLOCATE]


def test_an_allocation_left_by_someone_else_is_given_back_first(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    before = lan.client(port=50000)
    lan.run()
    before.vanish()
    after = lan.client(port=50000)
    lan.run()
    assert isinstance(after.events[0], TurnAllocated)
    assert server.requests[2:] == [ALLOCATE, ALLOCATE, REFRESH, ALLOCATE]
    assert len(server.allocations) == 1


def test_a_mismatch_that_stays_is_a_failure(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.refuse_with = (437, "Allocation Mismatch")
    turn = lan.client()
    lan.run()
    assert turn.events == [TurnFailed(437, "Allocation Mismatch")]
    assert server.requests == [ALLOCATE, ALLOCATE, REFRESH, ALLOCATE]


def test_a_client_starts_once(lan: TurnNetwork) -> None:
    turn = lan.client()
    with pytest.raises(InvalidStateError, match="started before"):
        turn.client.start(1.0)


def test_there_are_two_families() -> None:
    with pytest.raises(ArgumentError, match="4 or 6"):
        TurnClient(CREDENTIALS, Random(1).randbytes, reliable=False, family=5)  # type: ignore[arg-type]


def test_a_transport_that_is_lost_late_is_no_news(lan: TurnNetwork) -> None:
    SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    turn.close()
    turn.client.transport_lost("gone")
    assert turn.client.next_event() is None


@pytest.mark.parametrize("lifetime", [0, -1, 2**32])
def test_a_lifetime_must_be_one(lifetime: int) -> None:
    with pytest.raises(ArgumentError, match="lifetime"):
        TurnConfig(lifetime=lifetime)
