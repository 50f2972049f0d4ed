"""Either side closes the connection; the other one notices without a timeout."""

import time

from purertc import ConnectionState
from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked

AT_ONCE = 4.0
"""Seconds: well below those after which silence alone would end a connection."""


async def test_the_connection_closed_by_the_browser(browser: Browser, offerer: Side) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        python, _ = await link.connect_with_channel()
        begin = time.monotonic()
        await link.page.invoke("closeConnection")
        assert [message async for message in python] == []
        await link.python.closed()
        assert time.monotonic() - begin < AT_ONCE
        assert link.python.connection_state is ConnectionState.CLOSED


async def test_the_connection_closed_by_python(browser: Browser, offerer: Side) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        _, page = await link.connect_with_channel()
        begin = time.monotonic()
        await link.python.close()
        await page.closed()
        assert time.monotonic() - begin < AT_ONCE
