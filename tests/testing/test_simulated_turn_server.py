"""The simulated TURN server does what RFC 8656 asks of one, seen by the client of the core."""

import pytest

from purertc.sansio.turn import TurnAllocated, TurnFailed, TurnLost, TurnRedirected
from purertc.testing import SimulatedTurnServer
from purertc.wire.stun import ALLOCATE, CHANNEL_BIND
from tests.support.turn_on_host import TurnNetwork

DATA = b"\x80 no STUN message"


@pytest.fixture
def lan() -> TurnNetwork:
    return TurnNetwork()


@pytest.mark.parametrize("reliable", [False, True])
def test_it_relays_both_ways(lan: TurnNetwork, *, reliable: bool) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(reliable=reliable), lan.peer()
    lan.run()
    assert turn.events == [TurnAllocated(turn.relayed, ("192.0.2.1", 49152), 600)]
    assert turn.relayed[0] == "198.51.100.1"
    for size in (1, 2, 3, 4, 1200):
        turn.send(peer.address, DATA + bytes(size))
        lan.run()
        peer.send(DATA + bytes(size), turn.relayed)
        lan.run()
    assert peer.received == [(turn.relayed, DATA + bytes(n)) for n in (1, 2, 3, 4, 1200)]
    assert turn.received == [(peer.address, DATA + bytes(n)) for n in (1, 2, 3, 4, 1200)]
    assert server.requests.count(CHANNEL_BIND) == 1
    turn.close()
    lan.run()
    assert server.allocations == []


def test_it_relays_ipv6_for_clients_over_ipv4(lan: TurnNetwork) -> None:
    SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(family=6), lan.peer("2001:db8:3::1")
    lan.run()
    assert turn.relayed[0] == lan.SERVER_V6
    turn.send(peer.address, DATA)
    lan.run()
    assert peer.received == [(turn.relayed, DATA)]


def test_only_permitted_peers_get_through(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(), lan.peer()
    lan.run()
    peer.send(DATA, turn.relayed)
    lan.run()
    assert turn.received == []
    assert server.allocations[0].refused == 1


def test_a_quota_is_kept(lan: TurnNetwork) -> None:
    SimulatedTurnServer(lan.server_host, quota=1)
    first, second = lan.client(), lan.client()
    lan.run()
    assert isinstance(first.events[0], TurnAllocated)
    assert second.events == [TurnFailed(486, "Allocation Quota Reached")]


def test_another_server_may_be_named(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.alternate = ("198.51.100.7", 3479)
    turn = lan.client()
    lan.run()
    assert turn.events == [TurnRedirected(("198.51.100.7", 3479), 300, "Try Alternate")]


def test_a_silent_server_gets_the_request_seven_times(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.silent = True
    turn = lan.client()
    lan.run(60)
    assert len(turn.sent) == 7
    assert server.requests == []
    assert turn.events == [TurnFailed(701, "the server does not answer")]


@pytest.mark.parametrize("reliable", [False, True])
def test_it_dies_at_a_time(lan: TurnNetwork, *, reliable: bool) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.dies_at(5.0)
    turn = lan.client(reliable=reliable)
    lan.run(4.9)
    assert len(server.allocations) == 1
    lan.run(600)
    assert server.allocations == []
    assert isinstance(turn.events[-1], TurnLost)


def test_an_allocation_that_is_not_refreshed_ends(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host, lifetime=30)
    turn = lan.client()
    lan.run()
    lan.network.partition([lan.client_host], [lan.server_host])
    lan.run(30)
    assert server.allocations == []
    assert isinstance(turn.events[-1], TurnLost)


def test_nonces_have_a_lifetime(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host, lifetime=30, nonce_lifetime=10)
    turn = lan.client()
    lan.run(120)
    assert len(turn.events) == 1
    assert len(server.allocations) == 1


def test_it_can_be_udp_or_tcp_only(lan: TurnNetwork) -> None:
    SimulatedTurnServer(lan.server_host, tcp=False)
    over_tcp = lan.client(reliable=True)
    lan.run()
    assert over_tcp.events == [TurnFailed(701, "refused")]


def test_a_repeated_allocate_is_answered_alike(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    answers_before = turn.client.dropped
    allocate = turn.sent[1]
    turn.say(allocate)
    lan.run()
    assert server.requests.count(ALLOCATE) == 3
    assert len(server.allocations) == 1
    assert turn.client.dropped == answers_before + 1


def test_a_client_that_hangs_up_loses_its_allocation(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client(reliable=True)
    lan.run()
    assert len(server.allocations) == 1
    turn.hang_up()
    lan.run()
    assert server.allocations == []


def test_a_client_that_speaks_something_else_is_cut_off(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client(reliable=True)
    lan.run()
    turn.say(b"\xff\xff\xff\xff")
    lan.run()
    assert server.allocations == []
    assert isinstance(turn.events[-1], TurnLost)


@pytest.mark.parametrize("data", [b"\x00", bytes(20), b"\x40\x00\x00\x09", b"\xff" * 50])
def test_nonsense_over_udp_is_ignored(lan: TurnNetwork, data: bytes) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    turn.say(data)
    lan.run()
    assert len(server.allocations) == 1
