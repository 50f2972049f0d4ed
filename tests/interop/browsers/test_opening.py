"""What happens at the moment a channel opens."""

import pytest

from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked

LABELS = {
    "empty": "",
    "multi-byte": "grüße 你好 \U0001f980",
    "longest": "x" * 65535,
}

GREETINGS = ("first", b"second" * 5000, "", "last")


async def test_messages_sent_right_at_open(browser: Browser, offerer: Side, opener: Side) -> None:
    """Either side sends before it knows that the other one has the channel."""
    settings = LinkSettings(offerer=offerer, greetings=GREETINGS)
    async with linked(browser, settings) as link:
        await link.connect_with_channel()
        python, page = await link.open(opener, "greeted")
        assert await page.receive_many(len(GREETINGS)) == list(GREETINGS)
        for greeting in GREETINGS:
            assert await python.receive() == greeting


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
async def test_labels(browser: Browser, offerer: Side, opener: Side, label: str) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        await link.connect_with_channel()
        python, page = await link.open(opener, label)
        assert python.label == label
        assert (await page.describe())["label"] == label
