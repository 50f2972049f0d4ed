"""Two agents with host candidates find each other."""

import pytest

from purertc.sansio.ice import SelectedPairChanged
from purertc.sansio.types import Address, IceConnectionState
from tests.support.ice_link import IceLink, Node

A4, B4 = ("192.0.2.1", 5000), ("192.0.2.2", 6000)
A6, B6 = ("2001:db8::1", 5001), ("2001:db8::2", 6001)


def selected(node: Node) -> tuple[Address, Address]:
    pair = node.agent.selected
    assert pair is not None
    return pair.local_address, pair.remote_address


@pytest.mark.parametrize(("a", "b"), [(A4, B4), (A6, B6)], ids=["IPv4", "IPv6"])
def test_connects(a: Address, b: Address) -> None:
    link = IceLink()
    link.signal([a], [b])

    link.connect()

    assert selected(link.a) == (a, b)
    assert selected(link.b) == (b, a)
    assert link.a.agent.is_validated(b, a)
    assert link.b.agent.is_validated(a, b)
    for node in link.nodes:
        assert node.states == ["checking", "connected", "completed"]
        assert sum(isinstance(event, SelectedPairChanged) for event in node.events) == 1


def test_two_round_trips_are_enough() -> None:
    link = IceLink(delay=0.05)
    link.signal([A4], [B4])

    took = link.connect()

    # One for the check, one for the nomination (RFC 8445 section 8.1.1).
    assert took == pytest.approx(0.2)


def test_families_are_not_mixed() -> None:
    link = IceLink()
    link.signal([A4, A6], [B4, B6])

    link.connect()

    for node in link.nodes:
        assert all(
            (":" in p.local_address[0]) == (":" in p.remote_address[0]) for p in node.agent.pairs
        )
        assert len(node.agent.pairs) == 2


def test_agents_of_different_families_have_no_pair() -> None:
    link = IceLink()
    link.signal([A4], [B6])

    link.run(29)
    assert link.a.states == [IceConnectionState.CHECKING]
    link.run(2)

    assert link.a.states[-1:] == ["failed"]
    assert "IPv4 and IPv6, UDP and TCP do not mix" in link.a.reasons[0]
    assert link.a.sent == 0


def test_many_addresses_of_which_one_pair_works() -> None:
    link = IceLink()
    a_hosts = [f"192.0.2.{number}" for number in range(1, 6)]
    b_hosts = [f"198.51.100.{number}" for number in range(1, 6)]
    for a_host in a_hosts:
        for b_host in b_hosts:
            if (a_host, b_host) != (a_hosts[-1], b_hosts[-1]):
                link.block(a_host, b_host)
    link.signal([(host, 5000) for host in a_hosts], [(host, 6000) for host in b_hosts])

    took = link.connect()

    assert selected(link.a) == ((a_hosts[-1], 5000), (b_hosts[-1], 6000))
    # 25 pairs, 10 ms apart, and two round trips.
    assert took < 0.35


def test_candidates_that_trickle_in() -> None:
    link = IceLink()
    link.signal([], [], end=False)
    assert link.a.states == []

    link.run(1)
    b_candidate = link.bind(link.b, B4)
    a_candidate = link.bind(link.a, A4)
    link.a.agent.add_remote_candidate(b_candidate, link.now)
    link.drain()
    link.b.agent.add_remote_candidate(a_candidate, link.now)
    link.drain()
    link.connect()

    assert link.a.states == ["checking", "connected"]
    for node in link.nodes:
        node.agent.end_of_local_candidates(link.now)
        link.drain()
        assert node.states[-1:] == ["connected"]
        node.agent.end_of_remote_candidates(link.now)
        link.drain()
        assert node.states[-1:] == ["completed"]


def test_candidates_before_parameters_wait() -> None:
    link = IceLink()
    a_candidate, b_candidate = link.bind(link.a, A4), link.bind(link.b, B4)
    link.a.agent.add_remote_candidate(b_candidate, link.now)
    link.b.agent.add_remote_candidate(a_candidate, link.now)
    link.drain()
    assert link.a.sent == link.b.sent == 0

    link.introduce(link.a, link.b)
    link.introduce(link.b, link.a)
    link.drain()

    assert link.connect() < 0.05


def test_link_local_addresses_carry_the_scope_of_the_socket() -> None:
    link = IceLink()
    a, b = ("fe80::1%eth0", 5000), ("fe80::2%eth0", 6000)
    link.signal([a, A6], [b])

    link.connect()

    assert selected(link.a) == (a, b)
    assert selected(link.b) == (b, a)
    assert [candidate.host for candidate in link.a.agent.local_candidates] == ["fe80::1", A6[0]]
    # RFC 8445 section 6.1.2.2: link-local goes with link-local only.
    assert len(link.a.agent.pairs) == 1
