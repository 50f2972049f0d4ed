"""ICE restarts while messages go on, whoever begins them."""

import asyncio

import pytest

from tests.support.coturn import Coturn, CoturnSettings
from tests.support.peers.pair import PeerPair, Signaling, Standing, paired
from tests.support.peers.settings import PeerSettings, Server
from tests.support.topologies import SERVER, Internet, NatKind
from tests.support.turn_standing import TIMEOUTS, turn_server

SIGNALINGS = [Signaling.TRICKLE, Signaling.COMPLETE]


def fragment(sdp: str) -> str:
    """Return the ICE user name of a description."""
    return next(line for line in sdp.splitlines() if line.startswith("a=ice-ufrag:"))


async def keep_sending(pair: PeerPair, count: int) -> None:
    """Send numbered messages from the answering side; see each of them arrive, in order."""
    for number in range(count):
        await pair.answering.send("channel", f"{number}")
        assert await pair.offering.receive("channel") == f"{number}"


@pytest.mark.parametrize("by", ["offering", "answering"])
@pytest.mark.parametrize("signaling", SIGNALINGS)
async def test_restart_behind_nats(net: Internet, by: str, signaling: Signaling) -> None:
    hosts = net.behind_nat(NatKind.CONE), net.behind_nat(NatKind.SYMMETRIC)
    with Coturn(net.router, CoturnSettings(hosts=[SERVER])) as coturn:
        settings = PeerSettings(
            servers=[Server([coturn.stun_url]), turn_server(coturn)], timeouts=TIMEOUTS
        )
        offering, answering = (Standing(place=host, settings=settings) for host in hosts)
        async with paired(offering, answering) as pair:
            await pair.connect(signaling)
            peers = (pair.offering, pair.answering)
            before = [fragment(await peer.call("local_sdp")) for peer in peers]
            offerer = pair.offering if by == "offering" else pair.answering
            sending = asyncio.create_task(keep_sending(pair, 300))
            await pair.negotiate(signaling, offerer=offerer, restart=True)
            await sending
            after = [fragment(await peer.call("local_sdp")) for peer in peers]
            assert set(before).isdisjoint(after)
            await pair.exchange("after the restart")
            assert "failed" not in {change.state for peer in peers for change in peer.states}
