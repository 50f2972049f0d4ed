"""Addresses that go and come while connected."""

import pytest

from tests.support.ice_link import IceLink

A, A2, B = ("192.0.2.1", 5000), ("198.51.100.1", 5000), ("192.0.2.2", 6000)
RELAY = ("203.0.113.1", 50000)


def connected_link() -> IceLink:
    link = IceLink()
    link.signal([A], [B])
    link.connect()
    return link


@pytest.mark.parametrize("gap", [0.0, 3.0, 20.0])
@pytest.mark.parametrize("changing", ["a", "b"])
def test_address_changes_without_signalling(gap: float, changing: str) -> None:
    link = connected_link()
    node, old = (link.a, A) if changing == "a" else (link.b, B)
    link.unbind(node, old)
    link.run(gap)

    link.bind(node, A2)
    link.drain()
    link.connect(6)

    assert node.agent.selected is not None
    assert node.agent.selected.local_address == A2
    link.run(30)
    assert link.connected()
    for each in link.nodes:
        assert "failed" not in each.states


def test_new_address_before_the_old_one_goes() -> None:
    link = connected_link()
    link.bind(link.a, A2)
    link.run(5)
    assert link.a.agent.selected is not None
    assert link.a.agent.selected.local_address == A

    link.unbind(link.a, A)

    assert link.connect(1) < 0.1
    assert link.a.agent.selected.local_address == A2


@pytest.mark.parametrize("moved", [False, True])
def test_change_with_a_restart(moved: bool) -> None:
    link = connected_link()
    link.bind(link.a, A2)
    if moved:
        link.unbind(link.a, A)

    link.restart()
    link.connect(1)
    link.run(3)

    assert link.a.agent.selected is not None
    assert link.a.agent.selected.local_address == (A2 if moved else A)
    assert not link.a.agent.restarting


def test_old_address_goes_during_a_restart() -> None:
    link = connected_link()
    link.a.agent.restart(link.now)
    link.unbind(link.a, A)

    assert link.a.states[-1:] == ["checking"]
    assert link.a.agent.selected is None
    link.bind(link.a, A2)
    candidates = list(link.a.agent.local_candidates)
    link.b.agent.restart(link.now)
    link.exchange(candidates, link.add_bases_again(link.b))
    link.connect(1)

    assert link.a.states[-2:] == ["connected", "completed"]


def test_relay_takes_over_when_the_direct_way_dies() -> None:
    link = IceLink()
    ours = [link.bind(link.a, A), link.relay(link.a, RELAY)]
    link.exchange(ours, [link.bind(link.b, B)])
    link.connect()

    link.block(A[0], B[0])
    link.run(8)

    for node in link.nodes:
        assert node.agent.selected is not None
        assert node.agent.selected.relayed
        assert node.states[3:] == ["disconnected", "connected", "completed"][: len(node.states) - 3]
    assert link.connected()
