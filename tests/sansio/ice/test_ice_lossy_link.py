"""Agents connect over links that lose datagrams."""

import pytest

from tests.support.ice_link import IceLink

SEEDS = range(150)


@pytest.mark.parametrize("loss", [0.0, 0.05, 0.1, 0.2])
def test_connects_for_every_seed(loss: float) -> None:
    times = []
    for seed in SEEDS:
        link = IceLink(seed=seed, loss=loss)
        link.signal([("192.0.2.1", 5000)], [("192.0.2.2", 6000)])
        times.append(link.connect(30))
        pair, other = link.a.agent.selected, link.b.agent.selected
        assert pair is not None
        assert other is not None
        assert pair.local_address == other.remote_address
    times.sort()

    assert times[len(times) // 2] < 0.3
    assert times[-1] < 10


@pytest.mark.parametrize("loss", [0.1, 0.2])
def test_several_addresses(loss: float) -> None:
    for seed in SEEDS:
        link = IceLink(seed=seed, loss=loss)
        link.signal(
            [("192.0.2.1", 5000), ("2001:db8::1", 5000), ("203.0.113.1", 5000)],
            [("192.0.2.2", 6000), ("2001:db8::2", 6000)],
        )
        link.connect(30)


def test_loss_does_not_look_like_disconnection() -> None:
    for seed in range(20):
        link = IceLink(seed=seed, loss=0.05)
        link.signal([("192.0.2.1", 5000)], [("192.0.2.2", 6000)])
        link.connect(30)
        link.run(120)
        assert "disconnected" not in link.a.states
