"""A server that relays to nobody: it refuses the permissions (403)."""

from tests.support.coturn import CoturnSettings
from tests.support.peers.pair import paired
from tests.support.turn_standing import TurnNetwork, turn_server

DENYING = CoturnSettings(more=["denied-peer-ip=127.0.0.0-127.255.255.255"])


async def test_relayed_pairs_fail(network: TurnNetwork) -> None:
    coturn = network.coturn(DENYING)
    side = network.relayed("purertc", coturn)
    async with paired(side, side) as pair:
        await pair.offering.create_channel("channel")
        await pair.negotiate()
        for peer in (pair.offering, pair.answering):
            await peer.reached("failed")
        assert "error 403" in coturn.log


async def test_direct_pairs_do_not_mind(network: TurnNetwork) -> None:
    coturn = network.coturn(DENYING)
    side = network.standing("purertc", turn_server(coturn))
    async with paired(side, side) as pair:
        await pair.connect()
        await pair.exchange()
