"""Offers of both sides, with candidates that follow the descriptions or are in them."""

import pytest

from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked

TRICKLING = {"trickle": True, "complete descriptions": False}


@pytest.mark.parametrize("trickles", TRICKLING.values(), ids=TRICKLING)
async def test_trickle_and_complete_descriptions(
    browser: Browser, offerer: Side, trickles: bool
) -> None:
    async with linked(browser, LinkSettings(offerer=offerer, trickles=trickles)) as link:
        python, page = await link.connect_with_channel()
        await python.send("connected")
        assert await page.receive() == "connected"
        assert link.python.can_trickle_ice_candidates


async def test_a_second_offer_by_either_side(browser: Browser, offerer: Side, opener: Side) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        python, page = await link.connect_with_channel()
        before = link.python.remote_description
        await link.offer(opener)
        await link.settled()
        assert link.python.remote_description != before
        await python.send("still connected")
        assert await page.receive() == "still connected"
