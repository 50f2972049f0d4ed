"""Candidates as they come, and the end of them."""

import pytest

from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked
from tests.support.coturn import Coturn
from tests.support.peers.settings import Server
from tests.support.turn_standing import turn_server


async def test_trickle_with_servers_and_the_end_of_candidates(
    browser: Browser, coturn: Coturn, offerer: Side
) -> None:
    settings = LinkSettings(
        offerer=offerer,
        servers=[Server([coturn.stun_url]), turn_server(coturn)],
        relaying=tuple(Side),
    )
    async with linked(browser, settings) as link:
        python, page = await link.connect_with_channel()
        await link.gathered()
        await page.send("found")
        assert await python.receive() == "found"
        assert {each.type for each in link.heard_candidates} == {"relay"}


@pytest.mark.parametrize("complete", list(Side), ids=lambda side: f"complete-from-{side}")
async def test_half_trickle(
    browser: Browser, coturn: Coturn, offerer: Side, complete: Side
) -> None:
    """One side sends all its candidates in its description, the other one as they come."""
    settings = LinkSettings(
        offerer=offerer,
        complete=complete,
        servers=[turn_server(coturn)],
        relaying=tuple(Side),
    )
    async with linked(browser, settings) as link:
        python, page = await link.connect_with_channel()
        await page.send("found")
        assert await python.receive() == "found"
