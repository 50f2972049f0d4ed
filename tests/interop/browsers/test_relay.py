"""Through a TURN server that each side reaches over UDP, TCP or TLS."""

import pytest

from purertc import NetworkSettings
from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked
from tests.support.coturn import TRANSPORTS, Coturn
from tests.support.peers.settings import Server
from tests.support.turn_standing import turn_server

WHO = {
    "both relay": (Side.BROWSER, Side.PYTHON),
    "the browser relays": (Side.BROWSER,),
    "Python relays": (Side.PYTHON,),
}


def reached_over(transport: str, coturn: Coturn) -> Server:
    """The server, by its name over TLS: Firefox leaves TURN URLs of TLS and an address out."""
    return turn_server(coturn, transport, host="localhost" if transport == "tls" else None)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("relaying", WHO.values(), ids=WHO)
async def test_relay_over_udp_tcp_and_tls(
    browser: Browser, coturn: Coturn, offerer: Side, transport: str, relaying: tuple[Side, ...]
) -> None:
    settings = LinkSettings(
        offerer=offerer,
        servers=[reached_over(transport, coturn)],
        relaying=relaying,
        network=NetworkSettings(tls_ca_file=str(coturn.certificates.authority)),
    )
    async with linked(browser, settings) as link:
        python, page = await link.connect_with_channel()
        await page.echo()
        for message in ("", "relayed", b"\x00" * 65536):
            await python.send(message)
            assert await python.receive() == message
        if Side.BROWSER in relaying:
            assert {each.type for each in link.heard_candidates} == {"relay"}
        if Side.PYTHON in relaying:
            assert "typ host" not in link.python_sdp
            assert "typ relay" in link.python_sdp


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_relay_with_complete_descriptions(
    browser: Browser, coturn: Coturn, offerer: Side, transport: str
) -> None:
    settings = LinkSettings(
        offerer=offerer,
        trickles=False,
        servers=[reached_over(transport, coturn)],
        relaying=tuple(Side),
        network=NetworkSettings(tls_ca_file=str(coturn.certificates.authority)),
    )
    async with linked(browser, settings) as link:
        python, page = await link.connect_with_channel()
        await page.send("relayed")
        assert await python.receive() == "relayed"


async def test_stun_and_turn_servers_beside_host_candidates(
    browser: Browser, coturn: Coturn, offerer: Side
) -> None:
    settings = LinkSettings(
        offerer=offerer,
        servers=[Server([coturn.stun_url]), turn_server(coturn, *TRANSPORTS)],
        network=NetworkSettings(tls_ca_file=str(coturn.certificates.authority)),
    )
    async with linked(browser, settings) as link:
        python, page = await link.connect_with_channel()
        await page.send("direct")
        assert await python.receive() == "direct"
        types = await link.page.invoke("selectedTypes")
        assert isinstance(types, dict)
        assert types["local"] != "relay"
