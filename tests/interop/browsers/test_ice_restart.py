"""ICE restarts, which carry a running connection over to other candidates."""

import asyncio

import pytest

from purertc import DataChannel
from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked
from tests.support.coturn import Coturn
from tests.support.turn_standing import turn_server

TRICKLING = {"trickle": True, "complete descriptions": False}
COUNT = 200


def fragments(sdp: str) -> set[str]:
    """Return the ICE user names of a description."""
    return {line for line in sdp.splitlines() if line.startswith("a=ice-ufrag:")}


async def exchange(python: DataChannel) -> None:
    """Send messages that come back, one after the other."""
    for number in range(COUNT):
        await python.send(f"{number}")
        assert await python.receive() == f"{number}"


@pytest.mark.parametrize("trickles", TRICKLING.values(), ids=TRICKLING)
async def test_ice_restart_by_either_side_while_messages_go_on(
    browser: Browser, offerer: Side, opener: Side, trickles: bool
) -> None:
    async with linked(browser, LinkSettings(offerer=offerer, trickles=trickles)) as link:
        python, page = await link.connect_with_channel()
        await page.echo()
        ours, theirs = fragments(link.python_sdp), fragments(link.browser_sdp)
        exchanging = asyncio.create_task(exchange(python))
        await link.restart(opener)
        await link.settled()
        await exchanging
        assert ours.isdisjoint(fragments(link.python_sdp))
        assert theirs.isdisjoint(fragments(link.browser_sdp))
        await link.page.invoke("connected")
        await exchange(python)


async def test_ice_restart_of_a_relayed_connection(
    browser: Browser, coturn: Coturn, offerer: Side, opener: Side
) -> None:
    settings = LinkSettings(offerer=offerer, servers=[turn_server(coturn)], relaying=tuple(Side))
    async with linked(browser, settings) as link:
        python, page = await link.connect_with_channel()
        await page.echo()
        await link.restart(opener)
        await link.settled()
        await exchange(python)


async def test_two_ice_restarts_one_after_the_other(browser: Browser, offerer: Side) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        python, page = await link.connect_with_channel()
        await page.echo()
        for side in Side:
            await link.restart(side)
            await link.settled()
            await exchange(python)
