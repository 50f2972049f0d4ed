"""A nomination counts whatever this side thought its role was when it came."""

import pytest

from tests.support.ice_link import IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


@pytest.mark.parametrize("seed", range(8))
def test_a_nomination_from_before_our_role_was_settled(seed: int) -> None:
    link = IceLink(seed=seed)
    candidates = [link.bind(link.a, A), link.bind(link.b, B)]
    link.introduce(link.a, link.b)
    link.a.agent.add_remote_candidate(candidates[1], link.now)
    link.drain()
    link.run(1)
    assert link.a.agent.selected is not None
    # Signalling ends with both sides controlling; one of them has nominated already.
    link.b.agent.set_role(controlling=True)
    link.introduce(link.b, link.a)
    link.b.agent.add_remote_candidate(candidates[0], link.now)
    link.drain()
    assert link.connect() < 1
    assert link.a.agent.controlling is not link.b.agent.controlling


@pytest.mark.parametrize("seed", range(8))
def test_a_nomination_while_both_sides_control(seed: int) -> None:
    link = IceLink(seed=seed)
    link.b.agent.set_role(controlling=True)
    link.signal([A], [B])
    assert link.connect() < 1
    link.run(60)
    assert link.connected()
