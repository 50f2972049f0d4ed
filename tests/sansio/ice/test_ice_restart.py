"""ICE restart: new credentials and pairs, while the old pair carries the data (RFC 8445 s. 9)."""

import pytest

from purertc.errors import InvalidStateError
from purertc.sansio.ice import IceAgent, SelectedPairChanged, new_parameters
from purertc.sansio.types import Address, IceParameters
from purertc.wire.candidate import Candidate
from tests.support.ice_checks import check
from tests.support.ice_link import IceLink

A, A2, B = ("192.0.2.1", 5000), ("198.51.100.1", 5000), ("192.0.2.2", 6000)


def connected_link() -> IceLink:
    link = IceLink()
    link.signal([A], [B])
    link.connect()
    return link


def selected_local(agent: IceAgent) -> Address | None:
    return None if agent.selected is None else agent.selected.local_address


def test_new_credentials_lead_to_a_new_pair() -> None:
    link = connected_link()
    before = {node.name: (node.agent.local_parameters, node.agent.selected) for node in link.nodes}

    link.restart()
    assert all(node.agent.restarting for node in link.nodes)
    link.run(1)

    for node in link.nodes:
        parameters, pair = before[node.name]
        assert node.agent.local_parameters != parameters
        assert node.agent.selected is not None
        assert node.agent.selected is not pair
        assert not node.agent.restarting
        assert node.states == ["checking", "connected", "completed", "connected", "completed"]
    link.run(60)
    assert link.connected()


def test_old_pair_carries_data_until_the_new_one_is_selected() -> None:
    link = connected_link()
    pair = link.a.agent.selected

    parameters = link.a.agent.restart(link.now)
    link.drain()
    link.run(300)

    assert parameters == link.a.agent.local_parameters
    assert link.a.agent.remote_parameters is None
    assert link.a.agent.pairs == ()
    assert link.a.agent.selected is pair
    assert link.a.agent.is_validated(B, A)
    assert link.a.agent.validated_pair(B, A) is pair
    # Its consent is kept in both directions.
    assert link.a.states[-1:] == ["connected"]
    assert link.b.states[-1:] == ["completed"]
    assert "before the ICE restart: completed" in link.a.agent.describe()


def test_old_pair_is_accepted_a_moment_longer() -> None:
    link = connected_link()
    link.bind(link.a, A2)
    link.a.sockets.remove(A)
    link.restart()
    link.run_until(lambda: not link.a.agent.restarting)

    assert selected_local(link.a.agent) == A2
    assert link.a.agent.is_validated(B, A)
    link.run(6)
    assert not link.a.agent.is_validated(B, A)
    assert link.connected()


def test_credentials_of_the_old_generation_end_with_it() -> None:
    link = connected_link()
    old = [node.agent.local_parameters for node in link.nodes]
    link.restart()
    link.run(10)
    before = link.a.agent.counters.unauthentic

    link.a.agent.receive(check(old[1], old[0]), B, A, link.now)

    assert link.a.agent.transmits() == []
    assert link.a.agent.counters.unauthentic == before + 1


def test_restart_of_a_failed_agent() -> None:
    link = connected_link()
    link.block(A[0], B[0])
    link.run(60)
    assert [node.states[-1] for node in link.nodes] == ["failed", "failed"]
    link.unblock()

    link.restart()
    assert link.a.states[-1:] == ["checking"]
    link.connect(1)

    assert link.a.states[-3:] == ["checking", "connected", "completed"]


def test_restart_during_a_disconnection() -> None:
    link = connected_link()
    link.block(A[0], B[0])
    link.run_until(lambda: link.a.states[-1:] == ["disconnected"])

    link.a.agent.restart(link.now)
    link.drain()

    assert link.a.states[-1:] == ["checking"]
    assert link.a.agent.selected is not None


def test_restart_that_nobody_answers_fails_with_the_old_pair() -> None:
    link = connected_link()
    link.a.agent.restart(link.now)
    link.block(A[0], B[0])
    link.run(60)

    assert link.a.states[-2:] == ["checking", "failed"]
    assert link.a.agent.selected is None
    assert "no answer to consent checks" in link.a.reasons[-1]


def test_restart_that_leads_nowhere_leaves_the_old_pair() -> None:
    link = connected_link()
    pair = link.a.agent.selected
    for node in link.nodes:
        node.agent.restart(link.now)
    for node, other in ((link.a, link.b), (link.b, link.a)):
        link.introduce(node, other)

    link.run(100)

    assert link.a.agent.selected is pair
    assert link.a.states[-1:] == ["connected"]
    link.restart()
    link.run(5)
    assert link.a.agent.selected is not pair
    assert link.connected()


@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_restarts_one_after_the_other(loss: float) -> None:
    link = IceLink(loss=loss)
    link.signal([A, A2], [B])
    link.connect()
    for _ in range(20):
        link.restart()
        link.run(0.02)
        assert all(node.agent.selected is not None for node in link.nodes)
    link.run(20)

    assert link.connected()
    assert not any(node.agent.restarting for node in link.nodes)
    assert len(list(link.a.agent._generations)) == 1


def test_given_credentials_are_used() -> None:
    link = connected_link()
    chosen = new_parameters(link.random.randbytes)

    assert link.a.agent.restart(link.now, chosen) is chosen
    assert link.a.agent.local_parameters is chosen
    candidate = link.a.agent.add_local_address(A, link.now)
    assert candidate.username_fragment == chosen.username_fragment


def test_restart_before_the_first_connection() -> None:
    link = IceLink()
    link.signal([A], [], end=False)
    link.bind(link.b, B)

    link.restart()

    link.connect(1)


def test_late_candidate_of_the_old_generation_stays_there() -> None:
    link = connected_link()
    old = link.b.agent.local_parameters
    link.restart()
    late = Candidate(
        "9", 1, "udp", 9, "192.0.2.77", 1, "host", username_fragment=old.username_fragment
    )

    link.a.agent.add_remote_candidate(late, link.now)

    assert all(pair.remote_address != ("192.0.2.77", 1) for pair in link.a.agent.pairs)
    assert link.a.agent.counters.ignored_candidates == 0


def test_roles_stay() -> None:
    link = connected_link()
    for _ in range(3):
        link.restart()
        assert link.a.agent.controlling
        assert not link.b.agent.controlling


def test_selected_pair_is_announced_again() -> None:
    link = connected_link()
    link.restart()
    link.run(5)

    pairs = [event.pair for event in link.a.events if isinstance(event, SelectedPairChanged)]

    assert len(pairs) == 2
    assert pairs[-1] is link.a.agent.selected


def test_closed_agent_does_not_restart() -> None:
    link = connected_link()
    link.a.agent.restart(link.now)
    link.a.agent.close()

    with pytest.raises(InvalidStateError, match="closed"):
        link.a.agent.restart(link.now)
    with pytest.raises(InvalidStateError, match="closed"):
        link.a.agent.roll_back_restart(link.now)
    assert link.a.agent.selected is None
    assert not link.a.agent.is_validated(B, A)
    assert link.a.agent.next_deadline() is None


def test_other_parameters_need_a_restart() -> None:
    link = connected_link()
    others = IceParameters("others", "x" * 22)
    with pytest.raises(InvalidStateError, match="restart"):
        link.a.agent.set_remote_parameters(others, link.now)

    link.a.agent.restart(link.now)
    link.a.agent.set_remote_parameters(others, link.now)

    assert link.a.agent.remote_parameters == others
