"""Who nominates, when, and what the other side makes of it (RFC 8445 section 8)."""

import pytest

from purertc.sansio.ice import IceAgent, IceConfig, PairState
from purertc.sansio.types import Address, IceConnectionState
from purertc.wire.candidate import Candidate
from purertc.wire.stun import Attribute, MessageClass, StunMessage, pack_xor_address
from tests.support.ice_link import START, IceLink

A = ("192.0.2.1", 5000)
NEAR, FAR = ("192.0.2.2", 6000), ("198.51.100.2", 6000)


def is_nomination(datagram: bytes) -> bool:
    return Attribute.USE_CANDIDATE in StunMessage.parse(datagram).attributes


def remote(address: Address, kind: str, priority: int) -> Candidate:
    return Candidate(f"{kind}{priority}", 1, "udp", priority, *address, kind)


def answer(agent: IceAgent, datagram: bytes, source: Address, password: str, now: float) -> None:
    request = StunMessage.parse(datagram)
    attributes: dict[int, bytes] = {
        Attribute.XOR_MAPPED_ADDRESS: pack_xor_address(A, request.transaction_id)
    }
    response = StunMessage(MessageClass.SUCCESS, request.transaction_id, attributes)
    agent.receive(response.to_bytes(password.encode()), source, A, now)


def test_only_the_controlling_side_nominates_and_only_what_worked() -> None:
    link = IceLink()
    link.signal([A], [NEAR])

    link.connect()

    nominations = {
        node.name: [is_nomination(data) for data in node.requests] for node in link.nodes
    }
    assert nominations["a"][0] is False
    assert any(nominations["a"])
    assert not any(nominations["b"])
    assert all(pair.nominated for node in link.nodes for pair in node.agent.pairs)


@pytest.mark.parametrize("lite", [False, True])
def test_first_check_does_not_nominate(lite: bool) -> None:
    link = IceLink()
    agent = link.a.agent
    peer = link.b.agent.local_parameters
    agent.add_local_address(A, START)
    agent.set_remote_parameters(type(peer)(peer.username_fragment, peer.password, lite), START)
    agent.add_remote_candidate(remote(NEAR, "host", 100), START)

    (first,) = agent.transmits()
    answer(agent, first.payload, NEAR, peer.password, START + 0.01)
    (second,) = agent.transmits()
    assert agent.state is IceConnectionState.CHECKING
    answer(agent, second.payload, NEAR, peer.password, START + 0.02)

    assert not is_nomination(first.payload)
    assert is_nomination(second.payload)
    assert agent.selected is not None


def test_a_relayed_pair_waits_a_moment_for_a_better_one() -> None:
    link = IceLink()
    agent, peer = link.a.agent, link.b.agent.local_parameters
    agent.add_local_address(A, START)
    agent.set_remote_parameters(peer, START)
    agent.add_remote_candidate(remote(FAR, "relay", 10), START)
    agent.add_remote_candidate(remote(NEAR, "host", 1000), START)
    agent.handle_timeout(START + 0.02)
    checks = {transmit.destination: transmit.payload for transmit in agent.transmits()}

    answer(agent, checks[FAR], FAR, peer.password, START + 0.05)
    assert not any(is_nomination(transmit.payload) for transmit in agent.transmits())
    agent.handle_timeout(START + 0.36)

    nominations = [t for t in agent.transmits() if is_nomination(t.payload)]
    assert [transmit.destination for transmit in nominations] == [FAR]


def test_nothing_is_waited_for_when_the_better_one_has_failed() -> None:
    link = IceLink(config=IceConfig(max_checks=1))
    agent, peer = link.a.agent, link.b.agent.local_parameters
    agent.add_local_address(A, START)
    agent.set_remote_parameters(peer, START)
    agent.add_remote_candidate(remote(NEAR, "host", 1000), START)
    agent.handle_timeout(START + 0.2)
    assert [pair.state for pair in agent.pairs] == [PairState.FAILED]
    agent.transmits()

    agent.add_remote_candidate(remote(FAR, "relay", 10), START + 0.3)
    (check,) = agent.transmits()
    answer(agent, check.payload, FAR, peer.password, START + 0.35)

    (nomination,) = agent.transmits()
    assert is_nomination(nomination.payload)


def test_another_pair_is_nominated_when_the_first_nomination_gets_no_answer() -> None:
    link = IceLink(config=IceConfig(max_checks=1))
    agent, peer = link.a.agent, link.b.agent.local_parameters
    agent.add_local_address(A, START)
    agent.set_remote_parameters(peer, START)
    agent.add_remote_candidate(remote(NEAR, "host", 1000), START)
    agent.add_remote_candidate(remote(FAR, "host", 10), START)
    agent.handle_timeout(START + 0.01)
    checks = {transmit.destination: transmit.payload for transmit in agent.transmits()}
    answer(agent, checks[NEAR], NEAR, peer.password, START + 0.02)
    answer(agent, checks[FAR], FAR, peer.password, START + 0.03)
    (lost,) = agent.transmits()
    assert lost.destination == NEAR

    agent.handle_timeout(START + 0.5)

    (nomination,) = agent.transmits()
    assert nomination.destination == FAR
    assert is_nomination(nomination.payload)


def test_socket_that_dies_during_nomination() -> None:
    link = IceLink()
    other = ("198.51.100.1", 5000)
    link.signal([A, other], [NEAR])
    link.run_until(lambda: any(is_nomination(data) for data in link.a.requests))

    link.unbind(link.a, A)
    link.connect()

    pair = link.a.agent.selected
    assert pair is not None
    assert pair.local_address == other
