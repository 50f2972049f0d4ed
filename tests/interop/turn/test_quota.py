"""A server that allows one allocation to a user."""

from tests.support.coturn import CoturnSettings
from tests.support.peers.pair import paired
from tests.support.turn_standing import TurnNetwork, candidate_types, turn_server

ONE = CoturnSettings(more=["user-quota=1"])


async def test_quota_reached(network: TurnNetwork) -> None:
    """The second allocation is refused with 486; the connection is made all the same."""
    coturn = network.coturn(ONE)
    side = network.standing("purertc", turn_server(coturn))
    async with paired(side, side) as pair:
        await pair.connect()
        await pair.exchange()
        assert pair.offering.errors == []
        assert await pair.answering.error() == {"url": coturn.url("udp"), "code": 486}
        assert candidate_types(await pair.answering.call("local_sdp")) == {"host"}


async def test_closing_gives_the_allocation_back(network: TurnNetwork) -> None:
    """One after the other gets the only one there is."""
    coturn = network.coturn(ONE)
    for round_ in range(3):
        sides = network.relayed("purertc", coturn), network.standing("purertc")
        async with paired(*sides) as pair:
            await pair.connect()
            await pair.exchange()
            assert pair.offering.errors == []
            await pair.close()
            coturn.wait_for("delete: realm", count=round_ + 1)
