"""Copies of authentic messages: they draw few answers, and open no way in."""

from purertc.sansio.ice import IceConfig
from purertc.sansio.types import Address
from tests.support.ice_checks import check
from tests.support.ice_link import IceLink

A, B, EVE = ("192.0.2.1", 5000), ("192.0.2.2", 6000), ("203.0.113.66", 6666)


def connected_link(config: IceConfig | None = None) -> IceLink:
    link = IceLink(config=config)
    link.signal([A], [B])
    link.connect()
    return link


def send(link: IceLink, data: bytes, source: Address, times: int = 1) -> int:
    """Give A a packet several times; return how many it sent in return."""
    count = 0
    for _ in range(times):
        link.a.agent.receive(data, source, A, link.now)
        count += len(link.a.agent.transmits())
    return count


def test_request_repeated_from_its_own_address_is_answered_a_few_times() -> None:
    link = connected_link()
    request = check(link.b.agent.local_parameters, link.a.agent.local_parameters, 7)

    assert send(link, request, B, times=1000) == 16

    assert link.a.agent.counters.replayed == 1000 - 16
    assert link.a.agent.dropped == 1000 - 16
    link.run(60)
    assert link.connected()


def test_limit_is_configurable() -> None:
    link = connected_link(IceConfig(max_answers=3))
    request = check(link.b.agent.local_parameters, link.a.agent.local_parameters, 7)

    assert send(link, request, B, times=10) == 3


def test_request_from_another_address_is_a_copy() -> None:
    link = connected_link()
    pairs = link.a.agent.pairs

    for request in link.b.requests:
        assert send(link, request, EVE, times=100) == 0

    assert not link.a.agent.is_validated(EVE, A)
    assert link.a.agent.pairs == pairs
    link.run(60)
    assert link.connected()


def test_answers_again_count_for_nothing() -> None:
    link = connected_link()
    answers = [data for data in link.b.datagrams if data[:2] == b"\1\1"]
    pair = link.a.agent.selected
    assert pair is not None
    received = pair.responses_received

    for data in answers:
        assert send(link, data, B, times=10) == 0
        assert send(link, data, EVE, times=10) == 0

    assert pair.responses_received == received
    assert link.a.agent.counters.stray == 20 * len(answers)
    assert link.a.agent.selected is pair


def test_own_requests_sent_back_are_not_authentic() -> None:
    link = connected_link()

    for data in link.a.requests:
        assert send(link, data, B) == 0

    assert link.a.agent.counters.unauthentic == len(link.a.requests)


def test_replays_of_consent_checks_do_not_keep_a_dead_pair_alive() -> None:
    link = connected_link()
    link.run(30)
    recorded = list(link.b.datagrams)
    link.block(A[0], B[0])

    for _ in range(40):
        for data in recorded:
            link.a.agent.receive(data, B, A, link.now)
        link.drain()
        link.run(1)

    assert link.a.states[-1:] == ["failed"]


def test_memory_of_requests_is_bounded() -> None:
    link = connected_link()
    theirs, ours = link.b.agent.local_parameters, link.a.agent.local_parameters

    for number in range(2000):
        send(link, check(theirs, ours, number), B)

    assert len(link.a.agent._current._desk._replays._seen) == 64
