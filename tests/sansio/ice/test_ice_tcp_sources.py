"""Where TCP connections may start counts only once the other side shows that it listens."""

import pytest

from purertc.errors import ArgumentError
from purertc.sansio.ice import IceAgent
from purertc.sansio.types import Transport
from purertc.wire.candidate import Candidate
from tests.support.ice_link import START, IceLink

HOSTS = ("192.0.2.1", "192.0.2.3")
ACTIVE = [((host, 9), Transport.TCP) for host in HOSTS]
OVER_UDP = Candidate.parse("1 1 udp 1 192.0.2.2 6000 typ host")
LISTENERS = [
    Candidate.parse(f"1 1 tcp 1 192.0.2.2 {port} typ host tcptype passive") for port in (7000, 7001)
]


def agent_with_sources() -> IceAgent:
    link = IceLink()
    agent = link.a.agent
    for host in (*HOSTS, HOSTS[0]):
        agent.use_active_tcp(host, START)
    agent.set_remote_parameters(link.b.agent.local_parameters, START)
    return agent


def test_each_listener_is_paired_with_each_source_once() -> None:
    agent = agent_with_sources()
    agent.add_remote_candidate(OVER_UDP, START)
    assert list(agent.pairs) == []
    assert list(agent.bases) == ACTIVE

    for candidate in LISTENERS:
        agent.add_remote_candidate(candidate, START)

    assert list(agent.bases) == ACTIVE
    assert sorted((pair.local_address, pair.remote_address[1]) for pair in agent.pairs) == [
        ((host, 9), port) for host in HOSTS for port in (7000, 7001)
    ]


def test_a_source_after_the_listener_is_paired_at_once() -> None:
    agent = agent_with_sources()
    agent.add_remote_candidate(LISTENERS[0], START)

    agent.use_active_tcp("192.0.2.4", START)

    assert ("192.0.2.4", 9) in [pair.local_address for pair in agent.pairs]


def test_a_source_that_was_removed_is_not_used() -> None:
    agent = agent_with_sources()
    for (host, _), transport in ACTIVE[1:]:
        agent.remove_local_address((host, 9), START, transport)

    agent.add_remote_candidate(LISTENERS[0], START)

    assert [pair.local_address for pair in agent.pairs] == [(HOSTS[0], 9)]


@pytest.mark.parametrize("host", ["example.org", "0.0.0.0", "fe80::1"])
def test_what_is_no_address_is_refused_at_once(host: str) -> None:
    agent = IceLink().a.agent
    with pytest.raises(ArgumentError):
        agent.use_active_tcp(host, START)
    assert agent.bases == ()
