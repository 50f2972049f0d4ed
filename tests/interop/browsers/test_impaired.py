"""A path that loses datagrams and takes its time."""

from tests.support.browsers.browser import Browser
from tests.support.browsers.impaired_path import impaired_path
from tests.support.browsers.link import LinkSettings, Side, linked
from tests.support.stack_protocol import Message

MESSAGES: list[Message] = ["text", "", b"", *(bytes([number]) * 20000 for number in range(15))]


async def test_echo_at_3_percent_loss_and_20_ms_delay(browser: Browser, offerer: Side) -> None:
    async with impaired_path(delay=0.02, loss=0.03, seed=1) as path:
        settings = LinkSettings(offerer=offerer, path=path)
        async with linked(browser, settings) as link:
            python, page = await link.connect_with_channel()
            await page.echo()
            for message in MESSAGES:
                await python.send(message)
            for message in MESSAGES:
                assert await python.receive() == message
        assert path.lost > 0
        assert path.carried > 500
