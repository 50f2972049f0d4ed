"""Permissions: asked for once, waited for in bounded queues, refreshed while they are used."""

import pytest

from purertc.errors import ArgumentError
from purertc.sansio.turn import TurnConfig
from purertc.testing import SimulatedTurnServer
from purertc.wire.stun import CREATE_PERMISSION
from tests.support.turn_on_host import TurnNetwork, TurnOnHost

CHECK = b"\x00\x01 looks like a check"


@pytest.fixture
def lan() -> TurnNetwork:
    return TurnNetwork()


def with_allocation(
    lan: TurnNetwork, config: TurnConfig | None = None
) -> tuple[SimulatedTurnServer, TurnOnHost]:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client(config=config)
    lan.run()
    server.requests.clear()
    return server, turn


def test_what_is_sent_meanwhile_waits_in_order(lan: TurnNetwork) -> None:
    server, turn = with_allocation(lan)
    peer, other = lan.peer(), lan.peer()
    for number in range(10):
        turn.send((peer, other)[number % 2].address, CHECK + bytes([number]))
    lan.run()
    assert [data[-1] for _, data in peer.received] == [0, 2, 4, 6, 8]
    assert [data[-1] for _, data in other.received] == [1, 3, 5, 7, 9]
    assert server.requests == [CREATE_PERMISSION]


def test_a_run_of_datagrams_arrives_one_by_one(lan: TurnNetwork) -> None:
    _, turn = with_allocation(lan)
    peer = lan.peer()
    turn.send(peer.address, b"\x80aaa\x80bbb\x80c", 4)
    lan.run()
    assert [data for _, data in peer.received] == [b"\x80aaa", b"\x80bbb", b"\x80c"]


def test_an_empty_datagram_arrives(lan: TurnNetwork) -> None:
    _, turn = with_allocation(lan)
    peer = lan.peer()
    turn.send(peer.address, b"")
    lan.run()
    assert peer.received == [(turn.relayed, b"")]


def test_the_queue_of_one_peer_is_bounded(lan: TurnNetwork) -> None:
    _, turn = with_allocation(lan, TurnConfig(waiting_per_peer=5))
    peer = lan.peer()
    for _ in range(4):
        turn.send(peer.address, CHECK)
    turn.send(peer.address, b"\x80aaa\x80bbb", 4)
    turn.send(peer.address, CHECK)
    lan.run()
    assert len(peer.received) == 5
    assert turn.client.dropped == 2


def test_all_queues_together_are_bounded(lan: TurnNetwork) -> None:
    _, turn = with_allocation(lan, TurnConfig(waiting_bytes=3000))
    peer = lan.peer()
    turn.send(("203.0.113.50", 9), bytes(1200))
    turn.send(("203.0.113.51", 9), bytes(1200))
    turn.send(peer.address, bytes(1200))
    lan.run()
    assert peer.received == []
    assert turn.client.dropped == 1
    turn.send(peer.address, bytes(1200))
    lan.run()
    assert len(peer.received) == 1


def test_only_so_many_peers_at_once(lan: TurnNetwork) -> None:
    server, turn = with_allocation(lan, TurnConfig(max_permissions=3))
    for number in range(1, 100):
        turn.send((f"203.0.113.{number}", 9), CHECK)
    lan.run()
    assert server.requests == [CREATE_PERMISSION] * 3
    assert turn.client.dropped == 96


def test_peers_of_the_other_family_are_not_asked_for(lan: TurnNetwork) -> None:
    server, turn = with_allocation(lan)
    turn.send(("2001:db8:3::1", 9), CHECK)
    lan.run()
    assert server.requests == []
    assert turn.client.dropped == 1


@pytest.mark.parametrize("peer", ["peer.example", "", "300.0.0.1"])
def test_a_peer_must_be_an_address(lan: TurnNetwork, peer: str) -> None:
    _, turn = with_allocation(lan)
    with pytest.raises(ArgumentError, match="no numeric IP address"):
        turn.send((peer, 9), CHECK)


@pytest.mark.parametrize(("size", "segment_size"), [(65500, 0), (10, -1), (70000, 66000)])
def test_datagrams_have_a_largest_size(lan: TurnNetwork, size: int, segment_size: int) -> None:
    _, turn = with_allocation(lan)
    with pytest.raises(ArgumentError, match="at most 65400 bytes"):
        turn.send(("203.0.113.1", 9), bytes(size), segment_size)


def test_without_an_allocation_packets_are_dropped(lan: TurnNetwork) -> None:
    turn = lan.client()
    turn.send(("203.0.113.1", 9), CHECK)
    assert turn.client.dropped == 1


def test_a_refused_peer_is_left_alone_for_a_while(lan: TurnNetwork) -> None:
    server, turn = with_allocation(lan)
    peer = lan.peer()
    server.forbidden = {"203.0.113.1"}
    for _ in range(5):
        turn.send(peer.address, CHECK)
        lan.run(1)
    assert server.requests == [CREATE_PERMISSION]
    assert turn.client.dropped == 5
    server.forbidden.clear()
    lan.run(30)
    turn.send(peer.address, CHECK)
    lan.run()
    assert len(peer.received) == 1


def test_a_used_permission_is_refreshed_every_four_minutes(lan: TurnNetwork) -> None:
    server, turn = with_allocation(lan)
    peer = lan.peer()
    for _ in range(100):
        turn.send(peer.address, CHECK)
        lan.run(10)
    assert len(peer.received) == 100
    assert server.requests.count(CREATE_PERMISSION) == 5


def test_receiving_is_use_too(lan: TurnNetwork) -> None:
    _, turn = with_allocation(lan)
    peer = lan.peer()
    turn.send(peer.address, CHECK)
    for _ in range(100):
        lan.run(10)
        peer.send(CHECK, turn.relayed)
    lan.run()
    assert len(turn.received) == 100


def test_an_unused_permission_lapses(lan: TurnNetwork) -> None:
    server, turn = with_allocation(lan)
    turn.send(("203.0.113.1", 9), CHECK)
    lan.run(700)
    assert server.requests.count(CREATE_PERMISSION) == 1
    assert turn.client._relay.permissions.get("203.0.113.1") is None


def test_data_of_a_lapsed_permission_is_dropped(lan: TurnNetwork) -> None:
    server, turn = with_allocation(lan)
    peer = lan.peer()
    turn.send(peer.address, CHECK)
    lan.run(400)
    server.allocations[0].permit("203.0.113.1")
    peer.send(CHECK, turn.relayed)
    lan.run()
    assert turn.received == []
    assert turn.client.dropped == 1
