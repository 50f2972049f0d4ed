"""Messages of every kind and size cross whole, in order and as what they were."""

import asyncio

from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked
from tests.support.stack_protocol import Message

SIZES = (1, 2, 1199, 1200, 1201, 16383, 16384, 65535, 65536, 262144)

MESSAGES: list[Message] = [
    "hello",
    "",
    b"",
    "a\u0000b",
    "grüße - 你好 - \U0001f980 - a\u0301",
    "\U0001f980" * 65536,
    b"\x00",
    bytes(range(256)),
    *((bytes(range(251)) * (size // 251 + 1))[:size] for size in SIZES),
    "end",
]


async def test_echo_of_text_empty_multibyte_and_1_byte_to_256_kib(
    browser: Browser, offerer: Side
) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        python, page = await link.connect_with_channel()
        await page.echo()
        for message in MESSAGES:
            await python.send(message)
        for message in MESSAGES:
            assert await python.receive() == message


async def test_what_the_page_receives_and_sends_itself(browser: Browser, offerer: Side) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        python, page = await link.connect_with_channel()
        for message in MESSAGES:
            await python.send(message)
            assert await page.receive() == message
        await page.send(*MESSAGES)
        for message in MESSAGES:
            assert await python.receive() == message


async def test_eight_mebibytes_in_both_directions_at_once(browser: Browser, offerer: Side) -> None:
    chunk = bytes(range(256)) * 256
    count = 128
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        python, page = await link.connect_with_channel()
        await page.echo()
        python.high_water = 1024 * 1024

        async def send() -> None:
            for _ in range(count):
                await python.send(chunk)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(send())
            for _ in range(count):
                assert await python.receive() == chunk


async def test_the_browser_knows_how_long_a_message_may_be(browser: Browser, offerer: Side) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        await link.connect_with_channel()
        assert (
            await link.page.invoke("largestMessage") == link.python.configuration.max_message_size
        )
