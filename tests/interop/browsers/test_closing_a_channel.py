"""Either side closes a channel; the connection and its other channels go on."""

from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked


async def test_a_channel_closed_by_either_side(
    browser: Browser, offerer: Side, opener: Side
) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        first, first_page = await link.connect_with_channel()
        python, page = await link.open(opener, "closing")
        if opener is Side.PYTHON:
            await python.close()
        else:
            await page.close()
        await page.closed()
        assert [message async for message in python] == []
        await first.send("still here")
        assert await first_page.receive() == "still here"


async def test_messages_sent_before_the_close_arrive(
    browser: Browser, offerer: Side, opener: Side
) -> None:
    messages = [f"{number} " * 3000 for number in range(20)]
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        await link.connect_with_channel()
        python, page = await link.open(Side.PYTHON, "closing")
        if opener is Side.PYTHON:
            for message in messages:
                await python.send(message)
            await python.close()
            assert await page.receive_many(len(messages)) == messages
            await page.closed()
        else:
            await page.send_and_close(*messages)
            assert [message async for message in python] == messages


async def test_the_id_of_a_closed_channel_can_be_used_again(
    browser: Browser, offerer: Side, opener: Side
) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        await link.connect_with_channel()
        for _ in range(3):
            python, page = await link.open(opener, "again")
            await python.send("to the page")
            assert await page.receive() == "to the page"
            await page.send("from the page")
            assert await python.receive() == "from the page"
            await python.close()
            await page.closed()
