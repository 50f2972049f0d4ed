"""Candidates of servers in the descriptions, after them, and half of each; their end."""

import pytest

from tests.support.coturn import Coturn
from tests.support.peers.pair import Signaling, paired
from tests.support.peers.settings import Server
from tests.support.turn_standing import TurnNetwork, candidate_types, turn_server


@pytest.mark.parametrize("signaling", Signaling)
@pytest.mark.parametrize("relay_only", [False, True], ids=["all", "relay"])
async def test_servers_and_signaling(
    network: TurnNetwork,
    coturn: Coturn,
    names: tuple[str, str],
    signaling: Signaling,
    relay_only: bool,
) -> None:
    servers = [Server([coturn.stun_url]), turn_server(coturn)]
    offering, answering = (
        network.standing(name, *servers, relay_only=relay_only) for name in names
    )
    async with paired(offering, answering) as pair:
        await pair.connect(signaling)
        await pair.exchange()


async def test_end_of_candidates(
    network: TurnNetwork, coturn: Coturn, names: tuple[str, str]
) -> None:
    """A complete description says that it is (RFC 8840 section 4.1)."""
    offering, answering = (network.relayed(name, coturn) for name in names)
    async with paired(offering, answering) as pair:
        await pair.offering.create_channel("channel")
        await pair.negotiate(Signaling.COMPLETE)
        await pair.connected()
        for peer in (pair.offering, pair.answering):
            sdp = await peer.call("local_sdp")
            assert "\r\na=end-of-candidates\r\n" in sdp
            assert candidate_types(sdp) == {"relay"}


async def test_trickled_candidates_end_with_none(network: TurnNetwork, coturn: Coturn) -> None:
    servers = [Server([coturn.stun_url]), turn_server(coturn)]
    side = network.standing("purertc", *servers)
    async with paired(side, side) as pair:
        await pair.offering.create_channel("channel")
        await pair.offering.call("offer", complete=True, restart=False)
        events = [await pair.offering.candidates.get() for _ in range(2)]
        while events[-1] is not None:
            events.append(await pair.offering.candidates.get())
        assert pair.offering.candidates.empty()
        lines = [f"a={each['candidate']}" for each in events if each is not None]
        assert candidate_types("\n".join(lines)) == {"host", "relay"}
