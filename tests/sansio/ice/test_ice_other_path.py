"""When the selected pair dies, another one takes over."""

import pytest

from tests.support.ice_link import IceLink

A1, A2 = ("192.0.2.1", 5000), ("198.51.100.1", 5000)
B = ("192.0.2.2", 6000)


def connected_link() -> IceLink:
    link = IceLink()
    link.signal([A1, A2], [B])
    link.connect()
    pair = link.a.agent.selected
    assert pair is not None
    assert pair.local_address == A1
    return link


@pytest.mark.parametrize("seed_time", [0.0, 10.0, 33.3])
def test_other_pair_is_found_after_disconnection(seed_time: float) -> None:
    link = connected_link()
    link.run(seed_time)
    link.block(A1[0], B[0])
    link.run(20)

    assert link.connected()
    for node in link.nodes:
        assert "disconnected" in node.states
        pair = node.agent.selected
        assert pair is not None
        assert A2 in (pair.local_address, pair.remote_address)


def test_socket_that_dies_is_replaced_at_once() -> None:
    link = connected_link()

    link.unbind(link.a, A1)
    assert link.a.states[-1:] == ["disconnected"]
    assert all(pair.local_address == A2 for pair in link.a.agent.pairs)
    assert link.a.reasons == ["the socket of the selected pair is gone"]
    link.connect(1)

    pair = link.a.agent.selected
    assert pair is not None
    assert pair.local_address == A2
    link.run(20)
    other = link.b.agent.selected
    assert other is not None
    assert other.remote_address == A2


def test_last_socket_dies_and_a_new_one_comes() -> None:
    link = connected_link()
    for address in (A1, A2):
        link.unbind(link.a, address)
    link.run(5)
    assert link.a.states[-1:] == ["disconnected"]

    link.bind(link.a, ("203.0.113.1", 5000))
    link.drain()
    link.connect(1)

    pair = link.a.agent.selected
    assert pair is not None
    assert pair.local_address[0] == "203.0.113.1"


def test_without_any_socket_it_fails() -> None:
    link = connected_link()
    for address in (A1, A2):
        link.unbind(link.a, address)

    link.run(31)

    assert link.a.states[-1:] == ["failed"]
    assert "no local address" in link.a.reasons[-1]


def test_socket_of_another_pair_dies_unnoticed() -> None:
    link = connected_link()

    link.unbind(link.a, A2)

    assert link.a.states == ["checking", "connected", "completed"]
    assert len(link.a.agent.pairs) == 1


def test_unknown_socket_is_ignored() -> None:
    link = connected_link()

    link.a.agent.remove_local_address(("203.0.113.77", 1), link.now)

    assert link.connected()
