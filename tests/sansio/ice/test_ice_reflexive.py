"""Server-reflexive candidates: signalled, but not paired (RFC 8445 section 5.1.1.2)."""

from collections.abc import Callable

import pytest

from purertc.errors import InvalidStateError
from tests.support.ice_link import START, IceLink

A, A2, B = ("192.0.2.1", 5000), ("192.0.2.11", 5000), ("192.0.2.2", 6000)
OUTSIDE, SERVER = ("203.0.113.9", 61000), ("198.51.100.1", 3478)


def test_candidate() -> None:
    agent = IceLink().a.agent
    host = agent.add_local_address(A, START)

    candidate = agent.add_reflexive(OUTSIDE, A, SERVER, START)

    assert candidate is not None
    assert (candidate.type, candidate.host, candidate.port) == ("srflx", *OUTSIDE)
    assert (candidate.related_host, candidate.related_port) == A
    assert candidate.username_fragment == agent.local_parameters.username_fragment
    assert candidate.foundation != host.foundation
    assert candidate.priority == (100 << 24) + (65535 << 8) + 255
    assert agent.local_candidates == (host, candidate)


def test_redundant_ones() -> None:
    agent = IceLink().a.agent
    agent.add_local_address(A, START)
    agent.add_reflexive(OUTSIDE, A, SERVER, START)

    assert agent.add_reflexive(OUTSIDE, A, SERVER, START) is None
    assert agent.add_reflexive(OUTSIDE, A, ("198.51.100.2", 3478), START) is None
    assert agent.add_reflexive(A, A, SERVER, START) is None
    assert agent.add_reflexive(OUTSIDE, B, SERVER, START) is None
    assert agent.add_reflexive(("203.0.113.9", 61001), A, SERVER, START) is not None


def test_no_pairs_of_its_own() -> None:
    link = IceLink()
    link.signal([A], [B])

    link.a.agent.add_reflexive(OUTSIDE, A, SERVER, link.now)

    assert len(link.a.agent.pairs) == 1


@pytest.mark.parametrize("late", [False, True])
def test_pair_names_the_candidate_that_the_other_side_sees(late: bool) -> None:
    link = IceLink()
    link.translate[A] = OUTSIDE
    link.blocked.add((B[0], A[0]))
    link.bind(link.a, A)
    if not late:
        link.a.agent.add_reflexive(OUTSIDE, A, SERVER, link.now)
    link.exchange([], [link.bind(link.b, B)])
    link.connect()
    if late:
        link.a.agent.add_reflexive(OUTSIDE, A, SERVER, link.now)

    pair = link.a.agent.selected
    assert pair is not None
    assert pair.local_candidate is not None
    assert pair.local_candidate.type == "srflx"
    assert [candidate.type for candidate in link.a.agent.local_candidates] == ["host", "srflx"]


def test_it_goes_with_its_socket() -> None:
    agent = IceLink().a.agent
    agent.add_local_address(A, START)
    kept = agent.add_local_address(A2, START)
    agent.add_reflexive(OUTSIDE, A, SERVER, START)

    agent.remove_local_address(A, START)

    assert agent.local_candidates == (kept,)


def test_public_address_of_a_one_to_one_translation() -> None:
    link = IceLink()
    outside = (OUTSIDE[0], A[1])
    link.translate[A] = outside
    link.a.sockets.append(A)
    candidate = link.a.agent.add_local_address(A, link.now, external_host=outside[0])
    assert (candidate.type, candidate.host, candidate.port) == ("host", *outside)

    link.exchange([candidate], [link.bind(link.b, B)])
    link.connect()

    assert link.a.agent.selected is not None
    assert link.a.agent.selected.local_candidate is candidate
    assert link.b.agent.selected is not None
    assert link.b.agent.selected.remote.candidate.type == "host"
    assert link.a.agent.local_candidates == (candidate,)


def test_closed_agent() -> None:
    agent = IceLink().a.agent
    agent.close()

    commands: list[Callable[[], object]] = [
        lambda: agent.add_reflexive(OUTSIDE, A, SERVER, START),
        lambda: agent.add_relayed(OUTSIDE, None, START),
        lambda: agent.add_tcp_active(A[0], START),
        lambda: agent.add_tcp_passive(A, START),
        lambda: agent.use_active_tcp(A[0], START),
    ]
    for command in commands:
        with pytest.raises(InvalidStateError, match="closed"):
            command()
