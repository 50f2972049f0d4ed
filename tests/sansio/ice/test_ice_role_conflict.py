"""Both agents believe in the same role (RFC 8445 section 7.3.1.1)."""

import pytest

from purertc.sansio.ice import IceAgent
from purertc.wire.stun import Attribute, MessageClass, StunMessage
from tests.support.ice_link import IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


@pytest.mark.parametrize("controlling", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_conflict_is_resolved(controlling: bool, seed: int) -> None:
    link = IceLink(seed=seed)
    for node in link.nodes:
        node.agent.set_role(controlling)
    link.signal([A], [B])

    took = link.connect()

    assert link.a.agent.controlling != link.b.agent.controlling
    assert took < 0.1


@pytest.mark.parametrize("controlling", [True, False])
def test_conflict_on_a_lossy_link(controlling: bool) -> None:
    for seed in range(60):
        link = IceLink(seed=seed, loss=0.15)
        for node in link.nodes:
            node.agent.set_role(controlling)
        link.signal([A], [B])

        link.connect(30)

        assert link.a.agent.controlling != link.b.agent.controlling


def role_request(agent: IceAgent, attribute: Attribute, tie_breaker: int) -> bytes:
    username = f"{agent.local_parameters.username_fragment}:them"
    attributes: dict[int, bytes] = {
        Attribute.USERNAME: username.encode(),
        Attribute.PRIORITY: b"\0\0\0\1",
        attribute: tie_breaker.to_bytes(8, "big"),
    }
    request = StunMessage(MessageClass.REQUEST, bytes(12), attributes)
    return request.to_bytes(agent.local_parameters.password.encode())


@pytest.mark.parametrize(
    ("controlling", "attribute", "their_tie_breaker", "answer", "controlling_after"),
    [
        (True, Attribute.ICE_CONTROLLING, 0, 487, True),
        (True, Attribute.ICE_CONTROLLING, 2**64 - 1, None, False),
        (False, Attribute.ICE_CONTROLLED, 0, None, True),
        (False, Attribute.ICE_CONTROLLED, 2**64 - 1, 487, False),
        (True, Attribute.ICE_CONTROLLED, 2**64 - 1, None, True),
        (False, Attribute.ICE_CONTROLLING, 2**64 - 1, None, False),
    ],
)
def test_larger_tie_breaker_controls(
    controlling: bool,
    attribute: Attribute,
    their_tie_breaker: int,
    answer: int | None,
    controlling_after: bool,
) -> None:
    link = IceLink()
    agent = link.a.agent
    link.bind(link.a, A)
    agent.set_role(controlling)

    agent.receive(role_request(agent, attribute, their_tie_breaker), B, A, link.now)

    (transmit,) = agent.transmits()
    response = StunMessage.parse(transmit.payload)
    code = response.error_code()
    assert (code[0] if code else None) == answer
    assert agent.controlling is controlling_after
