"""A machine that loses its address and gets another one."""

import time

import pytest

from tests.support.coturn import Coturn, CoturnSettings
from tests.support.peers.pair import PeerPair, Standing, paired
from tests.support.peers.settings import PeerSettings
from tests.support.topologies import SERVER, SERVER_V6, Internet
from tests.support.turn_standing import TIMEOUTS, turn_server

SETTINGS = PeerSettings(timeouts=TIMEOUTS)


async def restart(pair: PeerPair, by: str) -> None:
    """Restart by the offering or the answering side and wait until it is done."""
    began = time.monotonic()
    offerer = pair.offering if by == "offering" else pair.answering
    await pair.negotiate(offerer=offerer, restart=True)
    for peer in (pair.offering, pair.answering):
        await peer.reached("connected", after=began)


@pytest.mark.parametrize("by", ["offering", "answering"])
async def test_another_address_and_a_restart(net: Internet, by: str) -> None:
    roaming, host = net.host(), net.host()
    offering, answering = (Standing(place=each, settings=SETTINGS) for each in (roaming, host))
    async with paired(offering, answering) as pair:
        await pair.connect()
        net.move(roaming)
        for peer in (pair.offering, pair.answering):
            await peer.reached("disconnected")
        await restart(pair, by)
        await pair.exchange("from the new address")


async def test_the_same_address_comes_back(net: Internet) -> None:
    """Nobody needs to restart: the connection recovers by itself."""
    roaming, host = net.host(), net.host()
    patient = PeerSettings(timeouts={"disconnected_timeout": 1.0, "failed_timeout": 20.0})
    offering, answering = (Standing(place=each, settings=patient) for each in (roaming, host))
    async with paired(offering, answering) as pair:
        await pair.connect()
        net.cut(roaming)
        gone = [await peer.reached("disconnected") for peer in (pair.offering, pair.answering)]
        net.mend(roaming)
        for peer, change in zip((pair.offering, pair.answering), gone, strict=True):
            await peer.reached("connected", after=change.at)
        await pair.exchange("back again")


async def test_another_address_behind_a_relay(net: Internet) -> None:
    """The new address needs a new allocation, the old one is of no use."""
    roaming, host = net.host(), net.host()
    with Coturn(net.router, CoturnSettings(hosts=[SERVER, SERVER_V6])) as coturn:
        settings = PeerSettings(servers=[turn_server(coturn)], relay_only=True, timeouts=TIMEOUTS)
        offering, answering = (Standing(place=each, settings=settings) for each in (roaming, host))
        async with paired(offering, answering) as pair:
            await pair.connect()
            net.move(roaming)
            for peer in (pair.offering, pair.answering):
                await peer.reached("disconnected")
            await restart(pair, "offering")
            await pair.exchange("from the new address")
