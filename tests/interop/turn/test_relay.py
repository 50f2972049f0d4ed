"""Connections through a TURN server, which both sides reach over UDP, TCP or TLS."""

import pytest

from tests.support.coturn import TRANSPORTS, Coturn
from tests.support.peers.pair import paired
from tests.support.turn_standing import TurnNetwork, candidate_types


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_relay_on_both_sides(
    network: TurnNetwork, coturn: Coturn, names: tuple[str, str], transport: str
) -> None:
    offering, answering = (network.relayed(name, coturn, transport) for name in names)
    async with paired(offering, answering) as pair:
        await pair.connect()
        await pair.exchange()
        for peer in (pair.offering, pair.answering):
            assert candidate_types(await peer.call("local_sdp")) == {"relay"}
        await pair.close()
        coturn.wait_for("delete: realm", count=2)
