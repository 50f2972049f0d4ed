"""Checks that arrive before the other side's parameters are known."""

import pytest

from purertc.sansio.types import IceConnectionState
from tests.support.ice_checks import check
from tests.support.ice_link import IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


def meet_one_sided(link: IceLink) -> None:
    """B has A's offer; A does not have B's answer."""
    a_candidate = link.bind(link.a, A)
    link.bind(link.b, B)
    link.introduce(link.b, link.a)
    link.b.agent.add_remote_candidate(a_candidate, link.now)
    link.drain()


@pytest.mark.parametrize("answerer_controls", [False, True])
def test_answered_at_once_and_checked_when_parameters_come(answerer_controls: bool) -> None:
    link = IceLink()
    link.a.agent.set_role(not answerer_controls)
    link.b.agent.set_role(answerer_controls)
    meet_one_sided(link)

    link.run(1)
    (pair,) = link.b.agent.pairs
    assert pair.responses_received > 0
    assert link.a.agent.state is IceConnectionState.NEW
    assert not link.a.agent.is_validated(B, A)

    link.introduce(link.a, link.b)
    link.drain()

    # A has no candidate of B: the early request alone leads it there.
    assert link.connect() < 0.05


def test_answerer_waits_for_minutes_while_the_offerer_answers() -> None:
    link = IceLink()
    meet_one_sided(link)

    link.run(300)
    assert link.b.agent.state is IceConnectionState.CHECKING
    link.introduce(link.a, link.b)
    link.drain()

    assert link.connect() < 0.05


def test_answerer_gives_up_when_the_offerer_is_gone() -> None:
    link = IceLink()
    meet_one_sided(link)
    link.run(100)

    link.block(A[0], B[0])
    link.run(65)

    assert link.b.agent.state is IceConnectionState.FAILED


def test_request_of_another_peer_is_not_followed() -> None:
    link = IceLink()
    meet_one_sided(link)
    link.run(1)
    stranger = IceLink(seed=99)

    link.introduce(link.a, stranger.b)
    link.drain()

    assert link.a.agent.pairs == ()


def test_number_kept_is_bounded() -> None:
    link = IceLink()
    meet_one_sided(link)
    mine, theirs = link.a.agent.local_parameters, link.b.agent.local_parameters

    for port in range(1, 1000):
        request = check(theirs, mine, port)
        link.a.agent.receive(request, ("198.51.100.1", port), A, link.now)
    link.a.agent.transmits()
    link.introduce(link.a, link.b)

    assert len(link.a.agent.pairs) == 16
