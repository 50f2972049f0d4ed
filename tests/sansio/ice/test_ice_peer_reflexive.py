"""Candidates that only checks bring to light (RFC 8445 sections 7.2.5.3.1 and 7.3.1.3)."""

from tests.support.ice_link import IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)
OUTSIDE = ("203.0.113.9", 61000)


def test_translated_address_is_learned_on_both_sides() -> None:
    link = IceLink()
    link.translate[A] = OUTSIDE
    link.blocked.add((B[0], A[0]))
    link.signal([A], [B])

    link.connect()

    pair = link.b.agent.selected
    assert pair is not None
    assert pair.remote_address == OUTSIDE
    assert pair.remote.candidate.type == "prflx"
    assert link.b.agent.is_validated(OUTSIDE, B)
    mine = link.a.agent.selected
    assert mine is not None
    assert mine.local_address == A
    assert mine.local_candidate is not None
    assert (mine.local_candidate.type, mine.local_candidate.host) == ("prflx", OUTSIDE[0])
    assert (mine.local_candidate.related_host, mine.local_candidate.related_port) == A
    assert [candidate.type for candidate in link.a.agent.local_candidates] == ["host", "prflx"]


def test_priority_is_the_one_the_check_announced() -> None:
    link = IceLink()
    link.translate[A] = OUTSIDE
    link.signal([A], [B])
    link.connect()

    (learned,) = (p.remote.candidate for p in link.b.agent.pairs if p.remote_address == OUTSIDE)

    assert learned.priority == (110 << 24) + (65535 << 8) + 255


def test_one_side_never_learns_candidates_by_signalling() -> None:
    link = IceLink()
    link.bind(link.a, A)
    b_candidate = link.bind(link.b, B)
    link.introduce(link.a, link.b)
    link.introduce(link.b, link.a)
    link.a.agent.add_remote_candidate(b_candidate, link.now)
    link.drain()

    assert link.connect() < 0.05
    assert [pair.remote.candidate.type for pair in link.b.agent.pairs] == ["prflx"]


def test_candidate_that_is_signalled_later_takes_the_place() -> None:
    link = IceLink()
    a_candidate = link.bind(link.a, A)
    b_candidate = link.bind(link.b, B)
    link.introduce(link.a, link.b)
    link.introduce(link.b, link.a)
    link.a.agent.add_remote_candidate(b_candidate, link.now)
    link.drain()
    link.connect()

    link.b.agent.add_remote_candidate(a_candidate, link.now)

    (pair,) = link.b.agent.pairs
    assert pair.remote.candidate == a_candidate
    assert pair is link.b.agent.selected
