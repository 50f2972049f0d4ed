"""Relayed candidates: used when nothing else works, and left for something better."""

import pytest

from purertc.errors import ArgumentError
from purertc.sansio.ice import IceAgent, IceConfig
from tests.support.ice_link import START, IceLink, Node

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)
RELAY_A, RELAY_B = ("203.0.113.1", 50000), ("203.0.113.2", 50000)


def relayed_link(*, direct: bool = True, config: IceConfig | None = None) -> IceLink:
    """Each side has a socket, if ``direct``, and a relayed address."""
    link = IceLink(config=config)
    candidates = [
        [link.relay(node, relayed), *([link.bind(node, address)] if direct else [])]
        for node, relayed, address in ((link.a, RELAY_A, A), (link.b, RELAY_B, B))
    ]
    if direct:
        link.block(A[0], B[0])
    link.exchange(*candidates)
    return link


def selected_type(node: Node) -> tuple[str, str] | None:
    pair = node.agent.selected
    if pair is None:
        return None
    return pair.local.candidate.type, pair.remote.candidate.type


def test_candidate() -> None:
    agent = IceLink().a.agent
    host = agent.add_local_address(A, START)
    reflexive = agent.add_reflexive(("198.51.100.9", 7), A, ("203.0.113.1", 3478), START)

    best = agent.add_relayed(RELAY_A, A, START)
    worst = agent.add_relayed(RELAY_B, None, START, preference=0)

    assert (best.type, best.host, best.port) == ("relay", *RELAY_A)
    assert (best.related_host, best.related_port) == A
    assert (worst.related_host, worst.related_port) == ("0.0.0.0", 9)
    assert best.username_fragment == agent.local_parameters.username_fragment
    assert reflexive is not None
    assert host.priority > reflexive.priority > best.priority > worst.priority
    assert agent.add_relayed(RELAY_A, A, START) is best
    with pytest.raises(ArgumentError, match="0, 1 or 2"):
        agent.add_relayed(RELAY_A, A, START, preference=3)


def test_of_another_family() -> None:
    candidate = IceLink().a.agent.add_relayed(("2001:db8::1", 50000), None, START)

    assert (candidate.host, candidate.related_host) == ("2001:db8::1", "::")


def test_relays_only_connect_without_delay() -> None:
    link = relayed_link(direct=False)

    assert link.connect() < 0.1

    assert selected_type(link.a) == ("relay", "relay")
    assert link.a.states == ["checking", "connected", "completed"]


def test_packets_leave_from_the_relayed_address() -> None:
    agent = IceLink().a.agent
    agent.add_relayed(RELAY_A, None, START)
    other = IceLink(seed=2)
    agent.set_remote_parameters(other.b.agent.local_parameters, START)
    agent.add_remote_candidate(other.bind(other.b, B), START)

    (transmit,) = agent.transmits()

    assert (transmit.local, transmit.destination, transmit.transport) == (RELAY_A, B, "udp")


def test_relay_is_used_when_the_direct_way_is_blocked() -> None:
    link = relayed_link()

    took = link.connect()

    assert 0.3 <= took < 0.5
    types = selected_type(link.a)
    assert types is not None
    assert "relay" in types


def test_direct_pair_is_preferred() -> None:
    link = relayed_link()
    link.unblock()

    assert link.connect() < 0.4

    assert selected_type(link.a) == ("host", "host")
    assert selected_type(link.b) == ("host", "host")


def test_direct_pair_that_opens_a_little_later_takes_over_once() -> None:
    link = relayed_link()
    link.connect()
    link.unblock()

    link.run(15)

    for node in link.nodes:
        assert selected_type(node) == ("host", "host")
        assert node.states == ["checking", "connected", "completed"]
    settled, selected = len(link.a.requests), link.a.agent.selected
    link.run(30)
    assert link.a.agent.selected is selected
    # Nothing but consent checks, every 2.7 s at least.
    assert len(link.a.requests) - settled <= 12


def test_search_for_something_better_ends() -> None:
    link = relayed_link()
    link.connect()
    assert link.a.states == ["checking", "connected"]
    link.run(11)

    settled = len(link.a.requests)
    assert link.a.states == ["checking", "connected", "completed"]
    link.run(100)

    # Only consent checks are left.
    assert len(link.a.requests) - settled < 45
    assert link.connected()


def test_new_direct_address_is_tried_while_a_relay_is_used() -> None:
    link = relayed_link()
    link.connect()
    link.run(60)

    late = ("192.0.2.7", 5001)
    link.bind(link.a, late)
    link.drain()
    link.run(1)

    assert link.a.agent.selected is not None
    assert link.a.agent.selected.local_address == late
    assert selected_type(link.b) == ("host", "prflx")


def test_improvement_can_be_switched_off() -> None:
    link = relayed_link(config=IceConfig(improvement_time=0))
    link.connect()
    link.unblock()
    link.run(20)

    assert "relay" in (selected_type(link.a) or ())


def test_relay_that_is_lost_is_replaced() -> None:
    link = relayed_link()
    link.connect()
    link.run(20)
    link.unblock()
    relayed = [
        (node, node.relays[0])
        for node in link.nodes
        if (selected_type(node) or ("",))[0] == "relay"
    ]

    for node, address in relayed:
        node.relays.remove(address)
        node.agent.remove_local_address(address, link.now)
    link.drain()

    assert any("the relay of the selected pair is gone" in node.reasons for node in link.nodes)
    link.connect(12)
    link.run(12)
    assert selected_type(link.a) == ("host", "host")


def test_report_names_the_kind() -> None:
    link = relayed_link()
    link.connect()

    text = link.a.agent.describe()

    assert "203.0.113.1:50000 (relay) -> 203.0.113.2:50000 (relay)" in text
    assert isinstance(link.a.agent, IceAgent)
