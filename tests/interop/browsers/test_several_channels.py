"""Many channels of both sides on one connection."""

from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked

COUNT = 15


async def test_several_channels_opened_by_both_sides(browser: Browser, offerer: Side) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        await link.connect_with_channel()
        ends = [
            await link.open(side, f"channel {number} of the {side} side")
            for number in range(COUNT)
            for side in Side
        ]
        assert len({python.id for python, _ in ends}) == 2 * COUNT
        for python, page in ends:
            assert (await page.describe())["label"] == python.label
            assert (await page.describe())["id"] == python.id
            await page.echo()
        for python, _ in ends:
            await python.send(f"for {python.label}")
        for python, _ in ends:
            assert await python.receive() == f"for {python.label}"
