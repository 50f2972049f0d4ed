"""A server with both versions of IP, and relays of each."""

import pytest

from tests.support.coturn import TRANSPORTS, CoturnSettings
from tests.support.peers.pair import paired
from tests.support.turn_standing import BOTH_VERSIONS, TurnNetwork, candidate_types

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


async def test_a_name_with_both_versions(network: TurnNetwork) -> None:
    """There is a relay of each, for peers that have the one or the other."""
    coturn = network.coturn(BOTH)
    both = network.relayed("purertc", coturn, hosts=[BOTH_VERSIONS])
    async with paired(both, network.relayed("purertc", coturn)) as pair:
        await pair.connect()
        await pair.exchange()
        assert candidate_types(await pair.offering.call("local_sdp")) == {"relay", "relay6"}


async def test_a_server_that_only_ipv6_reaches_relays_to_ipv4(network: TurnNetwork) -> None:
    coturn = network.coturn(BOTH)
    over_v6 = network.relayed("purertc", coturn, hosts=["::1"])
    async with paired(over_v6, network.standing("aiortc")) as pair:
        await pair.connect()
        await pair.exchange()
        assert candidate_types(await pair.offering.call("local_sdp")) == {"relay"}
