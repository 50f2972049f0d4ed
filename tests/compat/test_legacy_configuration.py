"""aiortc's configuration is accepted, and what cannot be honoured is said."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from aiortc import RTCIceServer as AiortcServer
from aiortc import rtcicetransport as theirs

from purertc_compat import (
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
)
from purertc_compat._configuration import purertc_configuration
from purertc_compat.rtcicetransport import connection_kwargs, parse_stun_turn_uri

URIS = [
    "stun:example.com",
    "stun:example.com:1234",
    "stuns:example.com",
    "turn:example.com",
    "turn:example.com:5?transport=tcp",
    "turns:example.com?transport=udp",
    "turns:example.com",
    "stun:example.com?transport=udp",
    "turn:",
    "http://example.com",
    "stun:a:b",
]


def outcome(parse: Callable[[str], dict[str, Any]], uri: str) -> dict[str, Any] | str:
    """The parts of the URI, or the text of the error."""
    try:
        return parse(uri)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("uri", URIS)
def test_a_uri_is_read_as_by_aiortc(uri: str) -> None:
    assert outcome(parse_stun_turn_uri, uri) == outcome(theirs.parse_stun_turn_uri, uri)


def test_the_same_servers_are_chosen() -> None:
    arguments: list[tuple[Any, ...]] = [
        ("stun:one.example.com",),
        ("stun:two.example.com",),
        ("turn:three.example.com?transport=bogus", "user", "secret"),
        ("turns:four.example.com", "user", "secret", "token"),
        (["turns:five.example.com", "turn:six.example.com"], "user", "secret"),
    ]
    expected = theirs.connection_kwargs([AiortcServer(*a) for a in arguments])
    assert connection_kwargs([RTCIceServer(*a) for a in arguments]) == expected


def test_a_malformed_server_is_refused() -> None:
    with pytest.raises(ValueError, match="malformed uri"):
        RTCPeerConnection(RTCConfiguration([RTCIceServer("nonsense")]))


def test_the_relay_policy_and_all_usable_servers_reach_the_connection() -> None:
    servers = [
        RTCIceServer(["stun:one.example.com", "stuns:two.example.com"]),
        RTCIceServer("turn:three.example.com", "user", "secret"),
        RTCIceServer("turns:four.example.com", "user", "secret", "token"),
        RTCIceServer("turn:five.example.com"),
    ]
    configuration = purertc_configuration(
        RTCConfiguration(servers, iceTransportPolicy=RTCIceTransportPolicy.RELAY)
    )
    assert [server.urls for server in configuration.ice_servers] == [
        "stun:one.example.com",
        "turn:three.example.com",
    ]
    assert configuration.ice_transport_policy == "relay"


def test_a_program_that_never_closes_ends_quietly() -> None:
    program = (
        "import asyncio\n"
        "from purertc_compat import RTCPeerConnection\n"
        "async def main():\n"
        "    pc = RTCPeerConnection()\n"
        "    pc.createDataChannel('chat')\n"
        "    await pc.setLocalDescription()\n"
        "asyncio.run(main())\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "ignore::FutureWarning", "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
