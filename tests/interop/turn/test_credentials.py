"""Who may use the server, and what happens to who may not."""

import base64
import hashlib
import hmac
import time

from tests.support.coturn import USERNAME, Coturn, CoturnSettings
from tests.support.peers.pair import paired
from tests.support.turn_standing import TurnNetwork, candidate_types, turn_server

SECRET = "shared with the server"  # noqa: S105  # of the test's own server


def ephemeral_credentials(lifetime: float) -> dict[str, str]:
    """Those of the TURN REST API: the name says until when, the password proves it."""
    name = f"{int(time.time() + lifetime)}:{USERNAME}"
    digest = hmac.new(SECRET.encode(), name.encode(), hashlib.sha1).digest()
    return {"username": name, "credential": base64.b64encode(digest).decode()}


async def test_wrong_password(network: TurnNetwork, coturn: Coturn) -> None:
    """The server says 401; the connection is made without it."""
    wrong = network.standing("purertc", turn_server(coturn, credential="guessed"))
    async with paired(wrong, network.standing("purertc")) as pair:
        await pair.connect()
        await pair.exchange()
        error = await pair.offering.error()
        assert error == {"url": coturn.url("udp"), "code": 401}
        assert candidate_types(await pair.offering.call("local_sdp")) == {"host"}


async def test_wrong_password_beside_a_right_one(network: TurnNetwork, coturn: Coturn) -> None:
    servers = [turn_server(coturn, "tcp", credential="guessed"), turn_server(coturn, "udp")]
    side = network.standing("purertc", *servers, relay_only=True)
    async with paired(side, network.standing("purertc")) as pair:
        await pair.connect()
        await pair.exchange()
        assert await pair.offering.error() == {"url": coturn.url("tcp"), "code": 401}
        assert candidate_types(await pair.offering.call("local_sdp")) == {"relay"}


async def test_time_limited_credentials(network: TurnNetwork, names: tuple[str, str]) -> None:
    coturn = network.coturn(CoturnSettings(secret=SECRET))
    server = turn_server(coturn, **ephemeral_credentials(3600))
    offering, answering = (network.standing(name, server, relay_only=True) for name in names)
    async with paired(offering, answering) as pair:
        await pair.connect()
        await pair.exchange()


async def test_time_limited_credentials_that_are_over(network: TurnNetwork) -> None:
    coturn = network.coturn(CoturnSettings(secret=SECRET))
    server = turn_server(coturn, **ephemeral_credentials(-3600))
    side = network.standing("purertc", server)
    async with paired(side, side) as pair:
        await pair.connect()
        assert (await pair.offering.error())["code"] == 401
        await pair.exchange()
