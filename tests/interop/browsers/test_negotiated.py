"""Channels that both sides make by agreement, without an announcement."""

from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked
from tests.support.stack_protocol import ChannelOptions

OPTIONS = {
    "zero": ChannelOptions(negotiated=True, id=0),
    "odd": ChannelOptions(negotiated=True, id=7, ordered=False),
    "high": ChannelOptions(negotiated=True, id=1000, protocol="agreed", max_retransmits=2),
}


async def test_negotiated_channels_made_before_the_connection(
    browser: Browser, offerer: Side
) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        ends = []
        for label, options in OPTIONS.items():
            page = await link.page.create_channel(label, options)
            ends.append((link.create_here(label, options), page))
        await link.connect()
        for python, page in ends:
            await python.opened()
            await page.opened()
            await python.send(f"to {python.label}")
            assert await page.receive() == f"to {python.label}"
            await page.send(b"from the page")
            assert await python.receive() == b"from the page"


async def test_negotiated_channels_made_on_a_running_connection(
    browser: Browser, offerer: Side
) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        await link.connect_with_channel()
        options = ChannelOptions(negotiated=True, id=100)
        page = await link.page.create_channel("agreed", options)
        python = link.create_here("agreed", options)
        await python.opened()
        await page.opened()
        await page.send("from the page")
        assert await python.receive() == "from the page"
        await python.send("to the page")
        assert await page.receive() == "to the page"
