"""The server is killed while connections go on, and comes back."""

import time

import pytest

from tests.support.coturn import TRANSPORTS, Coturn
from tests.support.peers.pair import paired
from tests.support.turn_standing import TurnNetwork, turn_server


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_relayed_connection_fails_and_a_restart_recovers_it(
    network: TurnNetwork, coturn: Coturn, transport: str
) -> None:
    side = network.relayed("purertc", coturn, transport)
    async with paired(side, side) as pair:
        await pair.connect()
        await pair.exchange()
        coturn.kill()
        for peer in (pair.offering, pair.answering):
            gone = await peer.reached("disconnected")
            await peer.reached("failed", after=gone.at)
        coturn.start()
        restarted = time.monotonic()
        await pair.negotiate(restart=True)
        for peer in (pair.offering, pair.answering):
            await peer.reached("connected", after=restarted)
        await pair.exchange("after the restart")


async def test_a_direct_connection_does_not_notice(network: TurnNetwork, coturn: Coturn) -> None:
    side = network.standing("purertc", turn_server(coturn, *TRANSPORTS))
    relayed = network.relayed("purertc", coturn)
    async with paired(side, side) as pair, paired(relayed, relayed) as witness:
        await pair.connect()
        await witness.connect()
        coturn.kill()
        for peer in (witness.offering, witness.answering):
            await peer.reached("failed")
        assert [pair.offering.state, pair.answering.state] == ["connected", "connected"]
        assert {each.state for each in pair.offering.states} == {"connecting", "connected"}
        await pair.exchange("still there")
