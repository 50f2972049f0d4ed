"""An agent does not look for a pair for ever, and says why it gave up."""

import pytest

from purertc.sansio.ice import IceConfig
from purertc.sansio.types import IceConnectionState
from purertc.wire.candidate import Candidate
from tests.support.ice_link import IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


@pytest.mark.parametrize("end", [True, False])
def test_nothing_gets_through(end: bool) -> None:
    link = IceLink(config=IceConfig(checking_timeout=20))
    link.block(A[0], B[0])
    link.signal([A], [B], end=end)

    link.run(19.9)
    assert link.a.states == [IceConnectionState.CHECKING]
    link.run(0.2)

    assert link.a.states == [IceConnectionState.CHECKING, IceConnectionState.FAILED]
    assert link.a.reasons == ["no answer on any of the 1 candidate pairs"]
    assert "udp 192.0.2.1:5000 (host) -> 192.0.2.2:6000 (host)" in link.a.agent.describe()
    assert link.a.agent.next_deadline() is None


def test_no_remote_candidates_at_all() -> None:
    link = IceLink()
    link.signal([A], [])
    assert link.a.states == [IceConnectionState.CHECKING]

    link.run(31)

    assert link.a.reasons == ["no candidate of the other side came"]


def test_no_local_address() -> None:
    link = IceLink()
    link.signal([], [B])

    link.run(31)

    assert link.a.reasons == ["there is no local address to send from"]


def test_only_candidates_that_cannot_be_used() -> None:
    link = IceLink()
    link.signal([A], [])
    name = "0b1d0000-0000-4000-8000-000000000000.local"
    link.a.agent.add_remote_candidate(Candidate("1", 1, "udp", 1, name, 9, "host"), link.now)

    link.run(31)

    assert link.a.reasons == ["none of the 1 remote candidates can be used"]


def test_answers_do_not_come_back() -> None:
    link = IceLink()
    link.blocked.add((A[0], B[0]))
    link.signal([A], [B])

    link.run(31)

    assert "it answered none of ours" in link.a.reasons[0]


def test_a_late_candidate_gets_its_full_time() -> None:
    link = IceLink()
    link.signal([A], [], end=False)
    link.run(25)
    candidate = link.bind(link.b, B)
    link.block(A[0], B[0])
    link.a.agent.add_remote_candidate(candidate, link.now)

    link.run(29)
    assert link.a.states[-1:] == ["checking"]
    link.run(2)

    assert link.a.states[-1:] == ["failed"]


def test_path_that_opens_late_is_found() -> None:
    link = IceLink()
    link.block(A[0], B[0])
    link.signal([A], [B])
    link.run(22)

    link.unblock()

    link.connect(6)


def test_process_that_was_stopped_gets_another_chance() -> None:
    link = IceLink(delay=0.1)
    link.signal([A], [B])

    link.now += 100
    link.drain()

    link.connect(1)


def test_news_without_end_do_not_prolong_the_search_without_end() -> None:
    link = IceLink(config=IceConfig(checking_limit=100))
    link.signal([A], [], end=False)
    began = link.now

    for number in range(100):
        candidate = Candidate(str(number), 1, "udp", 1, "192.0.2.2", 7000 + number, "host")
        if link.a.agent.state is not IceConnectionState.FAILED:
            link.a.agent.add_remote_candidate(candidate, link.now)
        link.run(20)

    assert link.a.states[-1:] == ["failed"]
    assert link.now - began > 100
    assert link.a.agent.pairs[-1].remote_address[1] < 7006
