"""Candidates over TCP (RFC 6544)."""

import pytest

from purertc.sansio.ice import IceAgent
from purertc.sansio.types import Transport
from purertc.wire.candidate import Candidate
from tests.support.ice_checks import answer
from tests.support.ice_link import START, IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)
LISTENER = ("192.0.2.2", 7000)
TCP = Transport.TCP


def tcp_link(*, udp: bool = False) -> IceLink:
    """A connects to the listener of B; UDP between them is blocked unless asked for."""
    link = IceLink()
    candidate = link.bind(link.a, A)
    theirs = [link.bind(link.b, B), link.listen(link.b, LISTENER)]
    link.a.agent.use_active_tcp(A[0], link.now)
    if not udp:
        link.a.sockets.remove(A)
        link.a.agent.remove_local_address(A, link.now)
        link.a.sockets.append((A[0], 1))
    link.exchange([candidate] if udp else [], theirs)
    return link


def test_candidates() -> None:
    agent = IceLink().a.agent
    udp = agent.add_local_address(B, START)
    relayed = agent.add_relayed(("203.0.113.1", 50000), None, START)

    active = agent.add_tcp_active(A[0], START)
    passive = agent.add_tcp_passive(LISTENER, START)

    assert str(active).startswith(f"candidate:{active.foundation} 1 tcp ")
    assert (active.host, active.port, active.type, active.tcp_type) == (A[0], 9, "host", "active")
    assert (passive.host, passive.port, passive.tcp_type) == (*LISTENER, "passive")
    assert "tcptype passive" in str(passive)
    # RFC 6544 section 4.2.
    assert udp.priority > active.priority > passive.priority > relayed.priority
    assert agent.local_candidates == (udp, relayed, active, passive)


def test_active_base_need_not_be_signalled() -> None:
    agent = IceLink().a.agent

    agent.use_active_tcp(A[0], START)

    assert agent.local_candidates == ()


def test_same_numbers_over_udp_and_tcp_are_two_bases() -> None:
    agent = IceLink().a.agent
    agent.add_local_address(LISTENER, START)
    agent.add_tcp_passive(LISTENER, START)
    assert len(agent.local_candidates) == 2

    agent.remove_local_address(LISTENER, START)

    assert [candidate.transport for candidate in agent.local_candidates] == ["tcp"]


def test_connects_over_tcp() -> None:
    link = tcp_link()

    assert link.connect() < 0.1

    pair, other = link.a.agent.selected, link.b.agent.selected
    assert pair is not None
    assert pair.key == (LISTENER, (A[0], 9), TCP)
    assert other is not None
    assert (other.local_address, other.transport) == (LISTENER, TCP)
    assert (other.remote.candidate.type, other.remote.candidate.tcp_type) == ("prflx", "active")
    assert link.a.agent.is_validated(*pair.key)
    assert not link.a.agent.is_validated(LISTENER, (A[0], 9))
    assert "tcp 192.0.2.1:9 (host) -> 192.0.2.2:7000 (host)" in link.a.agent.describe()
    link.run(60)
    assert link.connected()


def test_udp_is_preferred() -> None:
    link = tcp_link(udp=True)
    link.connect()
    link.run(2)

    for node in link.nodes:
        assert node.agent.selected is not None
        assert node.agent.selected.transport == "udp"


def test_listener_pairs_only_with_what_connects() -> None:
    link = IceLink()
    link.listen(link.a, ("192.0.2.1", 7001))
    link.introduce(link.a, link.b)
    for text in (
        "1 1 tcp 1 192.0.2.2 7000 typ host tcptype passive",
        "2 1 tcp 1 192.0.2.2 9 typ host tcptype active",
        "3 1 tcp 1 192.0.2.2 7002 typ host tcptype so",
        "4 1 tcp 1 192.0.2.2 7003 typ host",
    ):
        link.a.agent.add_remote_candidate(Candidate.parse(text), link.now)

    assert link.a.agent.pairs == ()
    assert link.a.agent.counters.ignored_candidates == 3


def test_check_over_tcp_is_not_repeated() -> None:
    link = IceLink()
    agent, peer = link.a.agent, link.b.agent.local_parameters
    agent.use_active_tcp(A[0], START)
    agent.set_remote_parameters(peer, START)
    agent.add_remote_candidate(
        Candidate.parse("1 1 tcp 1 192.0.2.2 7000 typ host tcptype passive"), START
    )
    (request,) = agent.transmits()
    assert request.transport == "tcp"

    agent.handle_timeout(START + 4)
    assert agent.transmits() == []
    agent.receive(answer(request.payload, A, peer), LISTENER, (A[0], 9), START + 4, TCP)

    (pair,) = agent.pairs
    assert pair.state == "succeeded"
    assert pair.requests_sent == 2
    assert pair.retransmissions == 0


def test_check_over_tcp_fails_in_the_end() -> None:
    link = IceLink()
    agent = link.a.agent
    agent.use_active_tcp(A[0], START)
    agent.set_remote_parameters(link.b.agent.local_parameters, START)
    agent.add_remote_candidate(
        Candidate.parse("1 1 tcp 1 192.0.2.2 7000 typ host tcptype passive"), START
    )

    agent.handle_timeout(START + 10.1)

    (pair,) = agent.pairs
    assert pair.state == "failed"


def test_connection_that_ends_is_opened_again() -> None:
    link = tcp_link()
    link.connect()

    link.cut_streams()
    assert link.a.states[-1:] == ["disconnected"]
    assert "the TCP connection of the selected pair ended" in link.a.reasons[-1]
    link.connect(6)

    assert link.a.agent.selected is not None
    assert len(link.b.agent.pairs) == 1


def test_connections_that_come_and_go_leave_nothing() -> None:
    link = tcp_link()
    for _ in range(100):
        link.run(0.5)
        link.cut_streams()
    link.connect(10)

    assert len(link.b.agent.pairs) == 1
    assert len(link.a.agent.pairs) == 1


def test_refused_connection_fails_the_pair_at_once() -> None:
    link = tcp_link()
    agent: IceAgent = link.a.agent

    agent.lose_stream(LISTENER, (A[0], 9), "connection refused", link.now)

    (pair,) = agent.pairs
    assert pair.state == "failed"
    assert "connection refused" in agent.describe()


def test_unknown_connection_is_ignored() -> None:
    link = tcp_link()
    link.connect()

    link.a.agent.lose_stream(("192.0.2.99", 1), (A[0], 9), "gone", link.now)

    assert link.connected()


@pytest.mark.parametrize("seed", range(5))
def test_tcp_gives_way_to_udp_that_opens_later(seed: int) -> None:
    link = IceLink(seed=seed)
    link.block(A[0], B[0])
    ours = [link.bind(link.a, A)]
    theirs = [link.bind(link.b, B), link.listen(link.b, ("192.0.2.3", 7000))]
    link.a.agent.use_active_tcp(A[0], link.now)
    link.exchange(ours, theirs)
    link.connect(2)
    assert link.a.agent.selected is not None
    assert link.a.agent.selected.transport == "tcp"

    link.unblock()
    link.run(12)

    for node in link.nodes:
        assert node.agent.selected is not None
        assert node.agent.selected.transport == "udp"
        assert "disconnected" not in node.states


@pytest.mark.parametrize("controlling", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_equal_roles_over_tcp(seed: int, controlling: bool) -> None:
    link = IceLink(seed=seed)
    for node in link.nodes:
        node.agent.set_role(controlling)
    link.a.sockets.append((A[0], 1))
    link.a.agent.use_active_tcp(A[0], link.now)
    link.exchange([], [link.listen(link.b, LISTENER)])

    assert link.connect() < 1

    assert link.a.agent.controlling is not link.b.agent.controlling
