"""ICE over TCP (RFC 6544): one side listens, the other one connects."""

from purertc import IceTcpPolicy, NetworkSettings
from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked
from tests.support.browsers.tcp_only_path import TcpOnlyPath


async def test_ice_over_tcp_to_python_that_listens(browser: Browser, offerer: Side) -> None:
    path = TcpOnlyPath()
    settings = LinkSettings(
        offerer=offerer, path=path, network=NetworkSettings(ice_tcp=IceTcpPolicy.PASSIVE)
    )
    async with linked(browser, settings) as link:
        python, page = await link.connect_with_channel()
        await page.echo()
        for message in ("over TCP", b"\x01" * 200_000):
            await python.send(message)
            assert await python.receive() == message
        assert path.to_browser_count > 0
