"""The offer of an ICE restart is rolled back: all is as before."""

import pytest

from purertc.errors import InvalidStateError
from tests.support.ice_link import IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


def connected_link() -> IceLink:
    link = IceLink()
    link.signal([A], [B])
    link.connect()
    return link


@pytest.mark.parametrize("restarts", [1, 2])
def test_previous_generation_lives_on(restarts: int) -> None:
    link = connected_link()
    agent = link.a.agent
    parameters, remote, pairs = agent.local_parameters, agent.remote_parameters, agent.pairs
    for _ in range(restarts):
        agent.restart(link.now)
        link.add_bases_again(link.a)
    link.drain()
    link.run(10)

    agent.roll_back_restart(link.now)
    link.drain()

    assert not agent.restarting
    assert (agent.local_parameters, agent.remote_parameters, agent.pairs) == (
        parameters,
        remote,
        pairs,
    )
    assert agent.selected is pairs[0]
    assert agent.is_validated(B, A)
    assert link.a.states == ["checking", "connected", "completed", "connected", "completed"]
    link.run(60)
    assert link.connected()


def test_of_a_failed_agent() -> None:
    link = connected_link()
    link.block(A[0], B[0])
    link.run(60)

    link.a.agent.restart(link.now)
    link.a.agent.roll_back_restart(link.now)
    link.drain()

    assert link.a.states[-1:] == ["failed"]


def test_to_a_restart_that_was_agreed_on() -> None:
    link = connected_link()
    pair = link.a.agent.selected
    for node in link.nodes:
        node.agent.restart(link.now)
    link.introduce(link.a, link.b)
    link.introduce(link.b, link.a)
    agreed = link.a.agent.local_parameters

    link.a.agent.restart(link.now)
    assert link.a.agent.selected is pair
    link.a.agent.roll_back_restart(link.now)

    assert link.a.agent.local_parameters == agreed
    assert link.a.agent.restarting
    assert link.a.agent.selected is pair
    link.exchange(link.add_bases_again(link.a), link.add_bases_again(link.b))
    link.run_until(lambda: not link.a.agent.restarting, 1)
    assert link.connected()


def test_without_a_restart() -> None:
    link = connected_link()
    with pytest.raises(InvalidStateError, match="no ICE restart"):
        link.a.agent.roll_back_restart(link.now)

    link.restart()
    link.run(1)

    with pytest.raises(InvalidStateError, match="no ICE restart"):
        link.a.agent.roll_back_restart(link.now)
    assert link.connected()
