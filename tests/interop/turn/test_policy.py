"""The relay policy at one side only: the other one uses what it has."""

import pytest

from tests.support.coturn import TRANSPORTS, Coturn
from tests.support.peers.pair import paired
from tests.support.turn_standing import TurnNetwork, candidate_types


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("offerer_relays", [True, False], ids=["offerer", "answerer"])
async def test_one_side_relays(
    network: TurnNetwork,
    coturn: Coturn,
    names: tuple[str, str],
    transport: str,
    offerer_relays: bool,
) -> None:
    relaying, direct = names if offerer_relays else reversed(names)
    sides = [network.relayed(relaying, coturn, transport), network.standing(direct)]
    offering, answering = sides if offerer_relays else reversed(sides)
    async with paired(offering, answering) as pair:
        await pair.connect()
        await pair.exchange()
        types = [
            candidate_types(await peer.call("local_sdp"))
            for peer in (pair.offering, pair.answering)
        ]
        expected = [{"relay"}, {"host"}]
        assert types == (expected if offerer_relays else expected[::-1])
        await pair.close()
        coturn.wait_for("delete: realm")


async def test_all_transports_at_once(network: TurnNetwork, coturn: Coturn) -> None:
    """Each URL of one server gives a candidate."""
    relayed = network.relayed("purertc", coturn, *TRANSPORTS)
    async with paired(relayed, network.relayed("purertc", coturn)) as pair:
        await pair.connect()
        await pair.exchange()
        sdp = await pair.offering.call("local_sdp")
        assert sdp.count("typ relay") == len(TRANSPORTS)
        await pair.close()
        coturn.wait_for("delete: realm", count=len(TRANSPORTS) + 1)


async def test_no_server_answers_under_the_relay_policy(network: TurnNetwork) -> None:
    """It fails, without having told a host address."""
    coturn = network.coturn()
    settings = network.relayed("purertc", coturn)
    coturn.kill()
    async with paired(settings, network.standing("purertc")) as pair:
        await pair.offering.create_channel("channel")
        await pair.negotiate()
        assert (await pair.offering.error())["code"] == 701
        await pair.offering.reached("failed")
        assert pair.offering.gathered == []
        assert candidate_types(await pair.offering.call("local_sdp")) == set()
