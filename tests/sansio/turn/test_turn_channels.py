"""Channels: bound for data, not for checks, kept while used, and cheap on the wire."""

import pytest

from purertc.sansio.turn import TurnConfig
from purertc.testing import SimulatedTurnServer
from purertc.wire.stun import CHANNEL_BIND
from purertc.wire.turn import FIRST_CHANNEL, pack_channel_data
from tests.support.turn_on_host import PeerSocket, TurnNetwork, TurnOnHost

CHECK = b"\x00\x01 looks like a check"
DATA = b"\x80 looks like media"


@pytest.fixture
def lan() -> TurnNetwork:
    return TurnNetwork()


def with_channel(
    lan: TurnNetwork, *, reliable: bool = False
) -> tuple[SimulatedTurnServer, TurnOnHost, PeerSocket]:
    server = SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(reliable=reliable), lan.peer()
    lan.run()
    for _ in range(2):
        turn.send(peer.address, DATA)
        lan.run()
    peer.received.clear()
    turn.sent.clear()
    return server, turn, peer


def test_checks_alone_bind_no_channel(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    for _ in range(10):
        turn.send(("203.0.113.1", 9), CHECK)
        lan.run()
    assert CHANNEL_BIND not in server.requests


@pytest.mark.parametrize(("reliable", "sizes"), [(False, [22, 25]), (True, [24, 28])])
def test_data_has_four_bytes_more(lan: TurnNetwork, sizes: list[int], *, reliable: bool) -> None:
    _, turn, peer = with_channel(lan, reliable=reliable)
    turn.send(peer.address, DATA)
    turn.send(peer.address, CHECK)
    lan.run()
    assert (len(DATA), len(CHECK)) == (18, 21)
    assert [len(data) for data in turn.sent] == sizes
    assert [data for _, data in peer.received] == [DATA, CHECK]


def test_each_peer_has_its_own_channel(lan: TurnNetwork) -> None:
    server, turn, peer = with_channel(lan)
    other = lan.peer()
    for _ in range(3):
        turn.send(other.address, DATA)
        lan.run()
    channels = server.allocations[0].channels
    assert {number: each.peer for number, each in channels.items()} == {
        FIRST_CHANNEL: peer.address,
        FIRST_CHANNEL + 1: other.address,
    }
    other.send(b"from other", turn.relayed)
    peer.send(b"from peer", turn.relayed)
    lan.run()
    assert sorted(turn.received) == sorted(
        [(other.address, b"from other"), (peer.address, b"from peer")]
    )


def test_a_run_stays_a_run(lan: TurnNetwork) -> None:
    _, turn, peer = with_channel(lan)
    turn.client.send(peer.address, b"aaaabbbbcc", 100.0, 4)
    assert turn.client.transmits() == [(b"@\0\0\4aaaa@\0\0\4bbbb@\0\0\2cc", 8)]


def test_a_run_over_a_stream_is_padded(lan: TurnNetwork) -> None:
    _, turn, peer = with_channel(lan, reliable=True)
    turn.client.send(peer.address, b"aaabbbc", 100.0, 3)
    expected = b"@\0\0\3aaa\0@\0\0\3bbb\0@\0\0\1c\0\0\0"
    assert turn.client.transmits() == [(expected, 0)]


def test_large_runs_are_cut_to_what_systems_take(lan: TurnNetwork) -> None:
    _, turn, peer = with_channel(lan)
    payload = bytes(range(200)) * 6 * 54
    turn.client.send(peer.address, payload, 100.0, 1200)
    runs = turn.client.transmits()
    assert [(len(run), size) for run, size in runs] == [(1204 * 53, 1204), (1204, 0)]
    back = [run[start + 4 : start + 1204] for run, _ in runs for start in range(0, len(run), 1204)]
    assert b"".join(back) == payload


def test_small_segments_are_cut_to_what_systems_take(lan: TurnNetwork) -> None:
    _, turn, peer = with_channel(lan)
    turn.client.send(peer.address, bytes(1000), 100.0, 10)
    assert [(len(run), size) for run, size in turn.client.transmits()] == [
        (64 * 14, 14),
        (36 * 14, 14),
    ]


def test_a_used_channel_is_refreshed_before_ten_minutes(lan: TurnNetwork) -> None:
    server, turn, peer = with_channel(lan)
    for _ in range(200):
        turn.send(peer.address, DATA)
        lan.run(10)
    assert len(peer.received) == 200
    assert server.requests.count(CHANNEL_BIND) == 4
    assert all(len(data) == len(DATA) + 4 for data in turn.sent if data[0] == 0x40)


def test_an_unused_channel_lapses_and_comes_back_with_its_number(lan: TurnNetwork) -> None:
    server, turn, peer = with_channel(lan)
    lan.run(2000)
    assert server.requests.count(CHANNEL_BIND) == 1
    for _ in range(3):
        turn.send(peer.address, DATA)
        lan.run()
    assert len(peer.received) == 3
    assert list(server.allocations[0].channels) == [FIRST_CHANNEL]
    assert turn.sent[-1] == pack_channel_data(FIRST_CHANNEL, DATA, padded=False)


def test_data_on_a_channel_never_bound_is_dropped(lan: TurnNetwork) -> None:
    _, turn, _ = with_channel(lan)
    for number in (FIRST_CHANNEL + 1, 0x4FFF, 0x5000, 0x7FFF, 0xFFFF):
        turn.take(pack_channel_data(number, b"what?", padded=False))
    assert turn.received == []
    assert turn.client.dropped == 5


def test_data_may_overtake_the_answer_to_the_request(lan: TurnNetwork) -> None:
    SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(), lan.peer()
    lan.run()
    turn.send(peer.address, DATA)
    lan.run()
    turn.send(peer.address, DATA)
    turn.take(pack_channel_data(FIRST_CHANNEL, b"early", padded=False))
    assert turn.received == [(peer.address, b"early")]


def test_a_refused_channel_costs_nothing_but_bytes(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(), lan.peer()
    lan.run()
    turn.send(peer.address, CHECK)
    lan.run()
    server.allocations[0].bind(FIRST_CHANNEL, ("203.0.113.99", 9))
    for _ in range(10):
        turn.send(peer.address, DATA)
        lan.run()
    assert [data for _, data in peer.received] == [CHECK] + [DATA] * 10
    assert server.requests.count(CHANNEL_BIND) == 1


def test_beyond_the_largest_number_of_channels_peers_go_without(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn, peer, other = lan.client(config=TurnConfig(max_channels=1)), lan.peer(), lan.peer()
    lan.run()
    for _ in range(3):
        turn.send(peer.address, DATA)
        turn.send(other.address, DATA)
        lan.run()
    assert server.requests.count(CHANNEL_BIND) == 1
    assert len(peer.received) == len(other.received) == 3
