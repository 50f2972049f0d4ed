"""Random addresses, outages and losses: whatever path is left is found."""

import random

import pytest

from tests.support.ice_link import IceLink


@pytest.mark.parametrize("block_of_seeds", range(4))
def test_connection_survives_outages(block_of_seeds: int) -> None:
    for seed in range(40 * block_of_seeds, 40 * block_of_seeds + 40):
        draw = random.Random(seed)
        link = IceLink(seed=seed, loss=draw.choice([0, 0.1, 0.2]), delay=draw.choice([0.001, 0.3]))
        a_hosts = [f"192.0.2.{number}" for number in range(1, draw.randint(2, 4))]
        b_hosts = [f"198.51.100.{number}" for number in range(1, draw.randint(2, 4))]
        link.signal([(host, 5000) for host in a_hosts], [(host, 6000) for host in b_hosts])
        link.connect(30)

        link.run(draw.uniform(0, 20))
        for a_host in a_hosts:
            for b_host in b_hosts:
                link.block(a_host, b_host)
        link.run(draw.uniform(0, 20))
        link.unblock()
        link.connect(12)

        selected = link.a.agent.selected
        assert selected is not None
        if len(link.a.agent.pairs) > 1:
            link.block(selected.local_address[0], selected.remote_address[0])
            link.run(7)
            link.connect(45)
