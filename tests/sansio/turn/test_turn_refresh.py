"""An allocation is refreshed in time, or known to be lost."""

import pytest

from purertc.sansio.turn import TurnAllocated, TurnConfig, TurnFailed, TurnLost
from purertc.testing import LinkConditions, SimulatedTurnServer, TurnLie
from purertc.wire.stun import REFRESH, Attribute, StunMessage
from tests.support.turn_on_host import TurnNetwork


@pytest.fixture
def lan() -> TurnNetwork:
    return TurnNetwork()


@pytest.mark.parametrize(
    ("lifetime", "refreshes"), [(600, 1), (3600, 0), (120, 14), (20, 90), (2, 900)]
)
def test_it_is_refreshed_before_its_end(lan: TurnNetwork, lifetime: int, refreshes: int) -> None:
    server = SimulatedTurnServer(lan.server_host, lifetime=lifetime)
    turn = lan.client()
    lan.run(900)
    assert len(server.allocations) == 1
    assert len(turn.events) == 1
    assert server.requests.count(REFRESH) == pytest.approx(refreshes, rel=0.05, abs=0.1)


def test_a_lifetime_may_be_asked_for(lan: TurnNetwork) -> None:
    SimulatedTurnServer(lan.server_host)
    turn = lan.client(config=TurnConfig(lifetime=1200))
    lan.run()
    assert isinstance(turn.events[0], TurnAllocated)
    assert turn.events[0].lifetime == 1200


def test_an_endless_lifetime_is_refreshed_all_the_same(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.lie = TurnLie.ENDLESS
    turn = lan.client()
    lan.run(100)
    assert turn.client.next_deadline() == pytest.approx(3540, abs=1)


def test_it_survives_a_lossy_link(lan: TurnNetwork) -> None:
    lan.network.set_conditions(LinkConditions(latency=0.02, loss=0.3))
    server = SimulatedTurnServer(lan.server_host, lifetime=120)
    turn = lan.client()
    lan.run(3600)
    assert len(server.allocations) == 1
    assert len(turn.events) == 1


@pytest.mark.parametrize("reliable", [False, True])
def test_a_server_that_falls_silent_is_noticed(lan: TurnNetwork, *, reliable: bool) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client(reliable=reliable)
    lan.run(10)
    server.silent = True
    lan.run(529)
    assert len(turn.events) == 1
    lan.run(25)
    assert turn.events[1:] == [TurnLost("the server does not answer")]
    assert turn.client.relayed is None


def test_a_server_that_falls_silent_is_noticed_early_by_new_peers(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run(10)
    server.silent = True
    turn.send(("203.0.113.1", 9), b"\x00")
    lan.run(20)
    assert turn.events[1:] == [TurnLost("the server does not answer")]


def test_a_stream_that_breaks_ends_it_at_once(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client(reliable=True)
    lan.run()
    server.die()
    lan.run()
    assert isinstance(turn.events[-1], TurnLost)
    assert "reset" in turn.events[-1].reason
    assert turn.client.next_deadline() is None


def test_a_stream_that_cannot_be_made_is_a_failure(lan: TurnNetwork) -> None:
    turn = lan.client(reliable=True)
    lan.run()
    assert turn.events == [TurnFailed(701, "refused")]


def test_a_server_that_forgot_it_is_noticed(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    server.die()
    again = SimulatedTurnServer(lan.server_host)
    lan.run(600)
    assert turn.events[1:] == [TurnLost("Allocation Mismatch (error 437)")]
    assert again.allocations == []


def test_a_server_that_forgot_it_is_noticed_when_a_permission_is_asked_for(
    lan: TurnNetwork,
) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    server.die()
    SimulatedTurnServer(lan.server_host)
    turn.send(lan.peer().address, b"\x00\x01 looks like a check")
    lan.run()
    assert turn.events[1:] == [TurnLost("Allocation Mismatch (error 437)")]


def test_a_refresh_for_no_time_ends_it(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    server.lie = TurnLie.NO_TIME
    lan.run(600)
    assert turn.events[1:] == [TurnLost("the server ended the allocation")]


def test_refreshes_ask_for_what_the_allocation_asked_for(lan: TurnNetwork) -> None:
    SimulatedTurnServer(lan.server_host)
    turn = lan.client(config=TurnConfig(lifetime=300))
    lan.run(300)
    refresh = StunMessage.parse(turn.sent[-1])
    assert refresh.method == REFRESH
    assert refresh.unsigned(Attribute.LIFETIME, 4) == 300


def test_a_passing_weakness_of_the_server_is_overcome(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    server.refuse_refresh_with = (500, "Server Error")
    lan.run(560)
    server.refuse_refresh_with = None
    lan.run(1000)
    assert len(server.allocations) == 1
    assert len(turn.events) == 1


def test_a_server_that_does_not_recover_in_time_is_given_up(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    server.refuse_refresh_with = (500, "Server Error")
    lan.run(601)
    assert turn.events[1:] == [TurnLost("Server Error (error 500)")]


def test_a_refresh_that_is_forbidden_ends_it(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    server.refuse_refresh_with = (403, "Forbidden")
    lan.run(600)
    assert turn.events[1:] == [TurnLost("Forbidden (error 403)")]
