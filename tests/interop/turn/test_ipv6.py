"""A server with both versions of IP, and relays of each."""

import pytest

from tests.support.coturn import TRANSPORTS, CoturnSettings
from tests.support.peers.pair import paired
from tests.support.turn_standing import TurnNetwork, candidate_types

BOTH = CoturnSettings(hosts=("127.0.0.1", "::1"))
V6 = CoturnSettings(hosts=("::1",))


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_ipv6_all_the_way(network: TurnNetwork, transport: str) -> None:
    coturn = network.coturn(V6)
    side = network.relayed("purertc", coturn, transport)
    async with paired(side, side) as pair:
        await pair.connect()
        await pair.exchange()
        for peer in (pair.offering, pair.answering):
            assert candidate_types(await peer.call("local_sdp")) == {"relay6"}


async def test_ipv4_beside_ipv6(network: TurnNetwork) -> None:
    """One side can reach the server over IPv4 only, the other one both ways."""
    coturn = network.coturn(BOTH)
    both = network.relayed("purertc", coturn, hosts=BOTH.hosts)
    async with paired(both, network.relayed("purertc", coturn)) as pair:
        await pair.connect()
        await pair.exchange()
        assert candidate_types(await pair.offering.call("local_sdp")) == {"relay", "relay6"}
