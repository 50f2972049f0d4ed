"""Allocations that outlive what the server first gave them, and nonces that do not."""

from tests.support.coturn import CoturnSettings
from tests.support.peers.pair import paired
from tests.support.turn_standing import TurnNetwork

SHORT = CoturnSettings(more=["max-allocate-lifetime=4", "stale-nonce=2"])
"""Seconds."""


async def test_allocations_are_refreshed_with_new_nonces(network: TurnNetwork) -> None:
    coturn = network.coturn(SHORT)
    side = network.relayed("purertc", coturn)
    async with paired(side, side) as pair:
        await pair.connect()
        for count in (2, 4, 6):
            coturn.wait_for("REFRESH processed, success", count=count, limit=20)
            await pair.exchange(f"after {count} refreshes")
        assert "error 438: Stale nonce" in coturn.log
        assert [pair.offering.state, pair.answering.state] == ["connected", "connected"]
