"""Floods leave a healthy connection alone, and cost little."""

import random
import tracemalloc

import pytest

from purertc.sansio.types import Transport
from purertc.wire.candidate import Candidate
from purertc.wire.stun import MessageClass, StunMessage
from tests.support.ice_checks import check
from tests.support.ice_link import IceLink

A, B, EVE = ("192.0.2.1", 5000), ("192.0.2.2", 6000), "203.0.113.66"
COUNT = 1000


def connected_link(*, restarting: bool) -> IceLink:
    link = IceLink()
    link.signal([A], [B])
    link.connect()
    if restarting:
        link.a.agent.restart(link.now)
        link.add_bases_again(link.a)
        link.drain()
    return link


def forged(link: IceLink, kind: str, number: int) -> bytes:
    """Return a packet of somebody who knows all but the passwords."""
    theirs, ours = link.b.agent.local_parameters, link.a.agent.local_parameters
    transaction_id = number.to_bytes(12, "big")
    if kind == "checks":
        return check(theirs, ours, number, signed_with="guessed")
    if kind == "checks of a stranger":
        return check(theirs, theirs, number)
    if kind == "answers":
        return StunMessage(MessageClass.SUCCESS, transaction_id).to_bytes(b"guessed")
    if kind == "methods":
        message = StunMessage(MessageClass.REQUEST, transaction_id, method=number % 0xFFF + 2)
        return message.to_bytes(ours.password.encode())
    if kind == "indications":
        return StunMessage(MessageClass.INDICATION, transaction_id).to_bytes()
    return b"\0\1" + random.Random(number).randbytes(number % 200)


KINDS = ("checks", "checks of a stranger", "answers", "methods", "indications", "noise")


@pytest.mark.parametrize("restarting", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_forged_packets(kind: str, restarting: bool) -> None:
    link = connected_link(restarting=restarting)
    agent = link.a.agent
    pair, pairs = agent.selected, agent.pairs
    before = agent.dropped + agent.bad_packets

    for number in range(COUNT):
        agent.receive(forged(link, kind, number), (EVE, 1 + number), A, link.now)

    assert agent.transmits() == []
    assert agent.dropped + agent.bad_packets == before + COUNT
    assert agent.pairs == pairs
    assert agent.selected is pair
    assert not agent.is_validated((EVE, 1), A)
    link.run(60)
    assert link.connected()


def test_forged_packets_leave_no_memory() -> None:
    link = connected_link(restarting=False)
    packets = [forged(link, KINDS[number % 6], number) for number in range(COUNT)]
    tracemalloc.start()
    try:
        for number, data in enumerate(packets):
            link.a.agent.receive(data, (EVE, 1 + number), A, link.now)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert grown < 20_000


def test_thousands_of_candidates_while_connected() -> None:
    link = connected_link(restarting=False)
    for number in range(COUNT):
        host = f"10.{number >> 8}.{number & 255}.1"
        for transport, tail in (("udp", ""), ("tcp", " tcptype passive")):
            text = f"{number} 1 {transport} {number + 1} {host} 9 typ host{tail}"
            link.a.agent.add_remote_candidate(Candidate.parse(text), link.now)
    link.drain()

    assert len(link.a.agent.pairs) <= 100
    link.run(60)
    assert link.connected()
    assert len(link.a.requests) < 60


def test_thousands_of_candidates_get_few_checks() -> None:
    link = IceLink()
    link.signal([A], [])
    link.a.agent.use_active_tcp(A[0], link.now)
    for number in range(COUNT):
        text = f"{number} 1 udp 9 10.{number >> 8}.{number & 255}.1 9 typ host"
        link.a.agent.add_remote_candidate(Candidate.parse(text), link.now)

    link.run(100)

    # 100 candidates, each asked at most seven times, and again after a rest.
    assert link.a.states[-1:] == ["failed"]
    assert link.a.sent < 100 * 7 * 4


def test_authentic_checks_from_everywhere_reach_few_places() -> None:
    link = connected_link(restarting=False)
    theirs, ours = link.b.agent.local_parameters, link.a.agent.local_parameters
    destinations = set()
    received = sent = 0
    for number in range(COUNT):
        data = check(theirs, ours, number)
        received += len(data)
        link.a.agent.receive(data, (EVE, 1 + number), A, link.now)
        for transmit in link.a.agent.transmits():
            destinations.add(transmit.destination)
            sent += len(transmit.payload)

    assert len(destinations) == 32
    assert sent < received / 10
    link.run(60)
    assert link.connected()


def test_authentic_checks_over_connections_are_bounded() -> None:
    link = IceLink()
    listener = ("192.0.2.1", 7000)
    link.signal([], [])
    link.listen(link.a, listener)
    theirs, ours = link.b.agent.local_parameters, link.a.agent.local_parameters
    for number in range(COUNT):
        source = (EVE, 1 + number)
        link.a.agent.receive(check(theirs, ours, number), source, listener, link.now, Transport.TCP)
        link.a.agent.transmits()

    assert len(link.a.agent.pairs) == 32
