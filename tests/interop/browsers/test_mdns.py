"""Browsers that hide their addresses behind mDNS names (draft-ietf-mmusic-mdns-ice-candidates).

The names are looked up by multicast. Often the browser's own checks are here before the answer;
then, and where there is none, peer-reflexive candidates make the connection.
"""

import socket

import pytest

from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked

ELSEWHERE = ("198.51.100.1", 9)


def has_default_route() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(ELSEWHERE)
        except OSError:
            return False
        return True


@pytest.fixture(autouse=True)
def _address_to_hide() -> None:
    if not has_default_route():
        pytest.skip("a page without a camera gathers on the default route only, and there is none")


@pytest.mark.parametrize("trickles", [True, False], ids=["trickle", "complete descriptions"])
async def test_mdns_candidates_only(shy_browser: Browser, offerer: Side, trickles: bool) -> None:
    async with linked(shy_browser, LinkSettings(offerer=offerer, trickles=trickles)) as link:
        python, page = await link.connect_with_channel()
        await python.send("found")
        assert await page.receive() == "found"
        hosts = [candidate.host for candidate in link.heard_candidates]
        assert hosts
        assert [host for host in hosts if not host.endswith(".local")] == []
