"""Restarts over relays and TCP, with roles in conflict, with losses, and by either side."""

import pytest

from purertc.sansio.ice import IceConfig
from tests.support.ice_link import IceLink

A, B, LISTENER = ("192.0.2.1", 5000), ("192.0.2.2", 6000), ("192.0.2.3", 7000)
RELAYS = (("203.0.113.1", 50000), ("203.0.113.2", 50000))


def test_over_relays() -> None:
    link = IceLink()
    link.exchange([link.relay(link.a, RELAYS[0])], [link.relay(link.b, RELAYS[1])])
    link.connect()

    link.restart()
    link.run_until(lambda: not any(node.agent.restarting for node in link.nodes), 1)

    assert link.a.agent.selected is not None
    assert link.a.agent.selected.relayed
    assert "disconnected" not in link.a.states


def test_over_tcp_on_the_same_connection() -> None:
    link = IceLink()
    link.a.sockets.append((A[0], 1))
    link.a.agent.use_active_tcp(A[0], link.now)
    link.exchange([], [link.listen(link.b, LISTENER)])
    link.connect()
    streams = dict(link.streams)

    for node in link.nodes:
        node.agent.restart(link.now)
    link.a.agent.use_active_tcp(A[0], link.now)
    link.exchange([], [link.b.agent.add_tcp_passive(LISTENER, link.now)])
    link.run_until(lambda: not any(node.agent.restarting for node in link.nodes), 1)

    assert link.streams == streams
    assert link.a.agent.selected is not None
    assert link.a.agent.selected.transport == "tcp"
    link.cut_streams()
    link.connect(6)


@pytest.mark.parametrize("controlling", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_with_equal_roles(seed: int, controlling: bool) -> None:
    link = IceLink(seed=seed)
    link.signal([A], [B])
    link.connect()
    candidates = []
    for node in link.nodes:
        node.agent.restart(link.now)
        node.agent.set_role(controlling)
        candidates.append(link.add_bases_again(node))

    link.exchange(*candidates)
    link.run_until(lambda: not any(node.agent.restarting for node in link.nodes), 2)

    assert link.a.agent.controlling is not link.b.agent.controlling
    assert "disconnected" not in link.a.states + link.b.states


@pytest.mark.parametrize("seed", range(10))
def test_over_a_bad_link(seed: int) -> None:
    link = IceLink(seed=seed, loss=0.2, delay=0.1)
    link.signal([A], [B])
    link.connect()

    link.restart()
    link.run_until(lambda: not any(node.agent.restarting for node in link.nodes), 15)

    assert link.connected()


def test_answer_that_comes_late() -> None:
    link = IceLink()
    link.signal([A], [B])
    link.connect()
    link.a.agent.restart(link.now)
    ours = link.add_bases_again(link.a)
    link.run(1)
    # B has the offer and checks already; its answer is still on the way.
    link.b.agent.restart(link.now)
    theirs = link.add_bases_again(link.b)
    link.introduce(link.b, link.a)
    for candidate in ours:
        link.b.agent.add_remote_candidate(candidate, link.now)
    link.drain()
    link.run(20)
    assert link.connected()
    assert link.a.agent.restarting
    assert link.b.agent.restarting

    link.introduce(link.a, link.b)
    for candidate in theirs:
        link.a.agent.add_remote_candidate(candidate, link.now)
    link.drain()
    link.run_until(lambda: not any(node.agent.restarting for node in link.nodes), 0.1)

    assert "disconnected" not in link.a.states + link.b.states


def test_without_a_lingering_generation() -> None:
    link = IceLink(config=IceConfig(restart_linger=0))
    link.signal([A], [B])
    link.connect()

    link.restart()
    link.run(1)

    assert link.connected()
    assert len(list(link.a.agent._generations)) == 1
