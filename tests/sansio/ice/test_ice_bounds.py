"""What others send costs a bounded amount of memory and work."""

import sys

import pytest

from purertc.sansio.ice import IceAgent, IceConfig
from purertc.wire.candidate import Candidate
from purertc.wire.stun import MessageClass, StunMessage
from tests.support.ice_checks import check
from tests.support.ice_link import START, IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


def host(number: int) -> Candidate:
    return Candidate(
        str(number), 1, "udp", number + 1, f"10.0.{number // 250}.{number % 250}", 9, "host"
    )


def authentic_request(link: IceLink, number: int = 0) -> bytes:
    return check(link.b.agent.local_parameters, link.a.agent.local_parameters, number)


def calls_for(agent: IceAgent, data: bytes, times: int) -> int:
    """Return how many calls ``times`` datagrams cost."""
    count = 0

    def profile(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        for number in range(times):
            agent.receive(data, ("203.0.113.66", 1 + number), A, START)
    finally:
        sys.setprofile(None)
    return count


def test_remote_candidates_are_bounded() -> None:
    link = IceLink()
    link.signal([A], [B])

    for number in range(5000):
        link.a.agent.add_remote_candidate(host(number), link.now)

    assert len(link.a.agent.pairs) == 100
    assert link.a.agent.counters.ignored_candidates == 5000 - 99
    link.drain()
    link.connect()


def test_candidates_before_the_parameters_are_bounded() -> None:
    link = IceLink()
    for number in range(5000):
        link.a.agent.add_remote_candidate(host(number), link.now)

    assert link.a.agent.counters.ignored_candidates == 4900


def test_pairs_are_bounded_and_the_best_are_kept() -> None:
    link = IceLink(config=IceConfig(max_pairs=10))
    agent = link.a.agent
    for number in range(5):
        agent.add_local_address((f"192.0.2.{number + 1}", 5000), START)
    for number in range(20):
        agent.add_remote_candidate(host(number), START)

    agent.set_remote_parameters(link.b.agent.local_parameters, START)

    assert len(agent.pairs) == 10
    assert min(pair.remote.candidate.priority for pair in agent.pairs) >= 18


def test_same_candidate_again_changes_nothing() -> None:
    link = IceLink()
    link.signal([A], [B])
    before = link.a.agent.pairs

    for _ in range(1000):
        link.a.agent.add_remote_candidate(link.b.agent.local_candidates[0], link.now)

    assert link.a.agent.pairs == before
    assert link.a.agent.counters.ignored_candidates == 0


def test_peer_reflexive_candidates_are_bounded() -> None:
    link = IceLink()
    link.signal([A], [B])
    destinations = set()

    for number in range(5000):
        data = authentic_request(link, number)
        link.a.agent.receive(data, ("203.0.113.66", 1 + number), A, link.now)
        destinations |= {transmit.destination for transmit in link.a.agent.transmits()}

    assert len(link.a.agent.pairs) == 1 + 32
    assert len(link.a.agent._validated) == 32
    assert len(destinations) <= 1 + 32
    link.connect()


@pytest.mark.parametrize("pairs", [1, 90])
def test_work_for_a_stranger_does_not_grow(pairs: int) -> None:
    link = IceLink()
    link.signal([A], [B])
    for number in range(pairs):
        link.a.agent.add_remote_candidate(host(number), link.now)
    forged = authentic_request(link)[:-9] + b"\xff" + authentic_request(link)[-8:]
    other = StunMessage(MessageClass.SUCCESS, b"unknown id!!").to_bytes(b"key")

    for data in (forged, other, b"\0\1" + bytes(30)):
        assert calls_for(link.a.agent, data, 100) < 100 * 80
    assert link.a.agent.dropped + link.a.agent.bad_packets == 300


def test_datagrams_for_a_socket_that_is_not_ours_are_dropped() -> None:
    link = IceLink()
    link.signal([A], [B])

    link.a.agent.receive(authentic_request(link), B, ("192.0.2.99", 1), link.now)

    assert link.a.agent.counters.unexpected == 1
    assert link.a.agent.transmits() == []


def test_open_requests_do_not_pile_up() -> None:
    link = IceLink()
    link.signal([A], [B])
    link.connect()
    link.run(3600)

    assert len(link.a.agent._current.checks._transactions._open) <= 1


def test_checks_that_the_other_side_triggers_are_bounded() -> None:
    link = IceLink()
    link.signal([A], [B])

    for number in range(1000):
        link.a.agent.receive(authentic_request(link, number), B, A, link.now)
        link.a.agent.transmits()

    assert len(link.a.agent._current.checks._transactions._open) <= 4
    link.connect()
