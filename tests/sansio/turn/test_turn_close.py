"""Closing gives the allocation back, without waiting for anything."""

import pytest

from purertc.sansio.turn import TurnAllocated
from purertc.testing import LinkConditions, SimulatedTurnServer
from purertc.wire.stun import REFRESH, Attribute, StunMessage
from tests.support.turn_on_host import TurnNetwork


@pytest.fixture
def lan() -> TurnNetwork:
    return TurnNetwork()


@pytest.mark.parametrize(("reliable", "copies"), [(False, 2), (True, 1)])
def test_it_is_released(lan: TurnNetwork, *, reliable: bool, copies: int) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client(reliable=reliable)
    lan.run()
    turn.sent.clear()
    turn.close()
    releases = [StunMessage.parse(data) for data in turn.sent]
    assert [(each.method, each.unsigned(Attribute.LIFETIME, 4)) for each in releases] == [
        (REFRESH, 0)
    ] * copies
    lan.run()
    assert server.allocations == []
    assert len(turn.events) == 1


def test_nothing_more_is_sent_or_received(lan: TurnNetwork) -> None:
    SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(), lan.peer()
    lan.run()
    turn.send(peer.address, b"\x80")
    lan.run()
    turn.close()
    turn.send(peer.address, b"\x80")
    peer.send(b"\x80", turn.client.relayed or ("198.51.100.1", 49152))
    lan.run(1000)
    assert len(peer.received) == 1
    assert turn.received == []
    assert turn.client.next_deadline() is None


def test_a_stale_nonce_does_not_keep_it(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    server.access.expire_nonces()
    turn.close()
    lan.run()
    assert server.allocations == []


def test_closing_before_the_answer_leaves_nothing_behind(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run(0.025)
    turn.close()
    lan.run()
    assert turn.events == []
    assert server.allocations == []


def test_closing_before_any_answer_sends_nothing(lan: TurnNetwork) -> None:
    turn = lan.client()
    assert len(turn.sent) == 1
    turn.close()
    turn.close()
    lan.run(100)
    assert len(turn.sent) == 1
    assert turn.events == []


def test_a_lost_release_is_repeated_while_the_owner_lets_it(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    assert isinstance(turn.events[0], TurnAllocated)
    lan.network.set_conditions(LinkConditions(latency=0.01, loss=1.0))
    turn.close()
    lan.run(0.1)
    lan.network.set_conditions(LinkConditions(latency=0.01))
    lan.run(1)
    assert server.allocations == []
