"""Answers that come from another address than was checked start no storm of checks."""

import pytest

from purertc.sansio.ice import IceAgent
from purertc.sansio.types import Transmit
from purertc.wire.stun import Attribute, MessageClass, StunMessage, pack_error_code
from tests.support.ice_link import IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


class CrookedLink(IceLink):
    """Success responses arrive from a port that nobody sent anything to."""

    def _send(self, transmit: Transmit) -> None:
        if transmit.payload[:2] == b"\1\1":
            self.translate = {transmit.local: (transmit.local[0], 7)}
        super()._send(transmit)
        self.translate = {}


@pytest.mark.parametrize("delay", [0.0005, 0.02])
def test_both_sides_check_at_a_bounded_pace(delay: float) -> None:
    link = CrookedLink(delay=delay)
    link.signal([A], [B])
    link.run(20)
    assert not link.connected()
    for node in link.nodes:
        assert 4 < len(node.requests) < 50


def test_the_pair_works_at_once_when_answers_come_straight_again() -> None:
    link = CrookedLink()
    link.signal([A], [B])
    link.run(3)
    straight = IceLink._send
    link._send = straight.__get__(link)  # type: ignore[method-assign]  # the road is mended
    assert link.connect() < 6


def refuse(agent: IceAgent, request: bytes, now: float) -> None:
    """Answer a check with 487, whatever its role is."""
    asked = StunMessage.parse(request)
    attributes: dict[int, bytes] = {Attribute.ERROR_CODE: pack_error_code(487, "Role Conflict")}
    response = StunMessage(MessageClass.ERROR, asked.transaction_id, attributes)
    remote = agent.remote_parameters
    assert remote is not None
    agent.receive(response.to_bytes(remote.password.encode()), B, A, now)


def test_a_peer_that_refuses_every_role_gets_few_checks() -> None:
    link = IceLink()
    link.signal([A], [B])
    link.block(A[0], B[0])
    agent, now = link.a.agent, link.now
    count = len(link.a.requests)
    request = link.a.requests[-1]
    for _ in range(1000):
        refuse(agent, request, now)
        fresh = [transmit.payload for transmit in agent.transmits()]
        if not fresh:
            break
        count += len(fresh)
        request = fresh[-1]
    assert count < 10
    assert agent.next_deadline() is not None
