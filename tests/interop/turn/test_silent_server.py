"""Servers that never answer, configured beside a pair that works at once."""

import sys
import time
from collections.abc import Callable

import pytest

from tests.support.coturn import PASSWORD, USERNAME, Coturn
from tests.support.peers.pair import PeerPair, Signaling, paired
from tests.support.peers.settings import Server
from tests.support.topologies import silence
from tests.support.turn_standing import TurnNetwork, turn_server

SILENT = "127.0.0.99"

AT_ONCE = 2.5
"""Seconds: half of what a silent server may take. Two processes of an idle machine take less than a
tenth of one."""

SERVER_TIMEOUT = 5.0
"""The default of purertc, in seconds."""

SILENT_SERVERS = [
    Server([f"stun:{SILENT}:3478"]),
    Server(
        [
            f"turn:{SILENT}:3478?transport=udp",
            f"turn:{SILENT}:3478?transport=tcp",
            f"turns:{SILENT}:5349?transport=tcp",
        ],
        USERNAME,
        PASSWORD,
    ),
]

Tell = Callable[[float], None]


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Write a measured time to the JUnit report and, with ``-s``, to the terminal."""

    def write(seconds: float) -> None:
        record_property("milliseconds to connect", round(seconds * 1000, 1))
        sys.stdout.write(f"connected after {seconds * 1000:.1f} ms\n")

    return write


async def seconds_to_connect(pair: PeerPair, began: float) -> float:
    """Return how long the later side took to be connected."""
    times = [(await peer.reached("connected")).at for peer in (pair.offering, pair.answering)]
    return max(times) - began


@pytest.mark.parametrize("offers", ["the side with the servers", "the other side"])
async def test_the_pair_does_not_wait_for_them(
    network: TurnNetwork,
    coturn: Coturn,
    offers: str,
    tell: Tell,
) -> None:
    """A STUN and a TURN server that work are there, too."""
    silence(network.namespace, SILENT)
    servers = [Server([coturn.stun_url]), turn_server(coturn), *SILENT_SERVERS]
    asking = network.standing("purertc", *servers)
    plain = network.standing("purertc")
    sides = (asking, plain) if offers == "the side with the servers" else (plain, asking)
    async with paired(*sides) as pair:
        await pair.offering.create_channel("channel")
        began = time.monotonic()
        await pair.negotiate(Signaling.TRICKLE)
        took = await seconds_to_connect(pair, began)
        tell(took)
        assert took < AT_ONCE
        await pair.connected()
        await pair.exchange()


async def test_the_other_side_does_not_trickle(network: TurnNetwork, tell: Tell) -> None:
    """It sends a complete offer, and the side with the servers what it has, when it has it."""
    silence(network.namespace, SILENT)
    sides = network.standing("purertc"), network.standing("purertc", *SILENT_SERVERS)
    async with paired(*sides) as pair:
        await pair.offering.create_channel("channel")
        began = time.monotonic()
        await pair.negotiate(Signaling.HALF_TRICKLE)
        took = await seconds_to_connect(pair, began)
        tell(took)
        assert took < AT_ONCE
        await pair.connected()
        await pair.exchange()


async def test_complete_descriptions_wait_for_the_timeout(network: TurnNetwork, tell: Tell) -> None:
    """Each silent server costs its timeout, all at the same time, and then it connects."""
    silence(network.namespace, SILENT)
    side = network.standing("purertc", *SILENT_SERVERS)
    async with paired(side, network.standing("purertc")) as pair:
        await pair.offering.create_channel("channel")
        began = time.monotonic()
        await pair.negotiate(Signaling.COMPLETE)
        took = await seconds_to_connect(pair, began)
        tell(took)
        assert took < 2 * SERVER_TIMEOUT
        urls = {url for server in SILENT_SERVERS for url in server.urls}
        assert {error["url"] for error in pair.offering.errors} == urls
        assert {error["code"] for error in pair.offering.errors} == {701}
