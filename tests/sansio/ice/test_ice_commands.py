"""Caller mistakes raise before anything changes; the rest is idempotent."""

import gc
import weakref

import pytest

from purertc.errors import ArgumentError, InvalidStateError
from purertc.sansio.ice import IceAgent, IceConfig
from purertc.sansio.types import Address, IceConnectionState, IceParameters
from purertc.wire.candidate import Candidate
from tests.support.ice_link import START, IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


@pytest.mark.parametrize(
    "address",
    [("localhost", 5000), ("0.0.0.0", 5000), ("::", 5000), ("192.0.2.1", 0), ("fe80::1", 5000)],
)
def test_address_that_nobody_could_send_to(address: Address) -> None:
    agent = IceLink().a.agent

    with pytest.raises(ArgumentError, match=address[0]):
        agent.add_local_address(address, START)

    assert agent.local_candidates == ()


def test_host_candidate() -> None:
    agent = IceLink().a.agent

    candidate = agent.add_local_address(A, START)
    again = agent.add_local_address(A, START)
    loopback = agent.add_local_address(("127.0.0.1", 5000), START)

    assert again is candidate
    assert (candidate.host, candidate.port, candidate.type) == (*A, "host")
    assert candidate.username_fragment == agent.local_parameters.username_fragment
    assert candidate.priority == (126 << 24) + (65535 << 8) + 255
    assert loopback.priority < candidate.priority
    assert loopback.foundation != candidate.foundation
    assert Candidate.parse(str(candidate)) == candidate


def test_parameters_are_long_enough_and_differ() -> None:
    link = IceLink()
    mine, theirs = link.a.agent.local_parameters, link.b.agent.local_parameters

    # RFC 8839 section 5.4.
    assert len(mine.username_fragment) >= 4
    assert len(mine.password) >= 22
    assert mine != theirs


def test_remote_parameters_cannot_change() -> None:
    agent = IceLink().a.agent
    first = IceParameters("them", "x" * 22)
    agent.set_remote_parameters(first, START)
    agent.set_remote_parameters(IceParameters("them", "x" * 22), START)

    with pytest.raises(InvalidStateError):
        agent.set_remote_parameters(IceParameters("others", "x" * 22), START)

    assert agent.remote_parameters == first


@pytest.mark.parametrize(
    "text",
    [
        "1 1 tcp 1 192.0.2.2 9 typ host tcptype active",
        "1 2 udp 1 192.0.2.2 6000 typ host",
        "1 1 udp 1 0b1d0000-0000-4000-8000-000000000000.local 6000 typ host",
        "1 1 udp 1 0.0.0.0 6000 typ host",
        "1 1 udp 1 192.0.2.2 0 typ host",
        "1 1 udp 1 192.0.2.2 6000 typ future",
        "1 1 udp 1 192.0.2.2 6000 typ host ufrag another",
    ],
)
def test_unusable_candidates_are_counted(text: str) -> None:
    link = IceLink()
    link.signal([A], [], end=False)

    link.a.agent.add_remote_candidate(Candidate.parse(text), link.now)

    assert link.a.agent.pairs == ()
    assert link.a.agent.counters.ignored_candidates == 1
    assert "1 unusable candidates" in link.a.agent.describe()


def test_controlling_side_of_a_lite_peer() -> None:
    agent = IceLink().b.agent
    assert not agent.controlling

    agent.set_remote_parameters(IceParameters("them", "x" * 22, lite=True), START)

    assert agent.controlling


def test_close() -> None:
    link = IceLink()
    link.signal([A], [B])
    link.connect()
    agent = link.a.agent

    agent.close()
    agent.close()
    link.drain()

    assert link.a.states[-1] is IceConnectionState.CLOSED
    assert link.a.states.count(IceConnectionState.CLOSED) == 1
    assert agent.selected is None
    assert agent.next_deadline() is None
    assert agent.transmits() == []
    agent.receive(link.b.requests[0], B, A, link.now)
    agent.handle_timeout(link.now + 100)
    agent.remove_local_address(A, link.now)
    assert agent.transmits() == []
    for command in (
        lambda: agent.add_local_address(B, link.now),
        lambda: agent.set_remote_parameters(agent.local_parameters, link.now),
        lambda: agent.add_remote_candidate(Candidate.parse("1 1 udp 1 192.0.2.2 9 typ host"), 0),
        lambda: agent.end_of_local_candidates(link.now),
        lambda: agent.end_of_remote_candidates(link.now),
    ):
        with pytest.raises(InvalidStateError, match="closed"):
            command()


@pytest.mark.parametrize(
    "settings",
    [
        {"pacing": 0.001},
        {"rto": 0.0},
        {"rto": 3.0},
        {"disconnected_timeout": 31.0},
        {"max_checks": 0},
        {"checking_timeout": -1.0},
        {"nomination_delay": -0.1},
    ],
)
def test_settings_that_cannot_work(settings: dict[str, float]) -> None:
    with pytest.raises(ArgumentError):
        IceConfig(**settings)  # type: ignore[arg-type] # one field at a time, mixed types


def test_agent_is_freed_without_the_cyclic_collector() -> None:
    gc.disable()
    try:
        link = IceLink()
        link.signal([A], [B])
        link.connect()
        agent = weakref.ref(link.a.agent)
        link.a.agent.close()
        del link
        assert agent() is None
    finally:
        gc.enable()


def test_two_agents_with_the_same_entropy_and_time_do_the_same() -> None:
    traces = []
    for _ in range(2):
        link = IceLink(seed=7, loss=0.1)
        link.signal([A], [B])
        link.run(30)
        traces.append((link.a.datagrams, link.b.datagrams, link.a.states))

    assert traces[0] == traces[1]
    assert isinstance(link.a.agent, IceAgent)
