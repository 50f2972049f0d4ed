"""URLs of STUN and TURN servers as in RFC 7064 and RFC 7065."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import ArgumentError
from purertc.sansio.ice.server_url import ServerUrl
from purertc.sansio.types import Transport


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port", "transport"),
    [
        ("stun:stun.example.org", "stun", "stun.example.org", 3478, Transport.UDP),
        ("stun:stun.example.org:19302", "stun", "stun.example.org", 19302, Transport.UDP),
        ("stuns:stun.example.org", "stuns", "stun.example.org", 5349, Transport.TCP),
        ("turn:example.org", "turn", "example.org", 3478, Transport.UDP),
        ("turn:example.org?transport=udp", "turn", "example.org", 3478, Transport.UDP),
        ("turn:example.org:80?transport=tcp", "turn", "example.org", 80, Transport.TCP),
        ("turns:example.org", "turns", "example.org", 5349, Transport.TCP),
        ("turns:example.org:443?transport=tcp", "turns", "example.org", 443, Transport.TCP),
        ("TURN:Example.org?transport=TCP", "turn", "Example.org", 3478, Transport.TCP),
        ("stun:192.0.2.1", "stun", "192.0.2.1", 3478, Transport.UDP),
        ("turn:[2001:DB8::0:1]:3479", "turn", "2001:db8::1", 3479, Transport.UDP),
        ("stun:[2001:db8::1]", "stun", "2001:db8::1", 3478, Transport.UDP),
        ("turn:[fe80::1%25eth0]", "turn", "fe80::1%eth0", 3478, Transport.UDP),
    ],
)
def test_what_a_url_says(
    text: str, scheme: str, host: str, port: int, transport: Transport
) -> None:
    url = ServerUrl.parse(text)
    assert (url.text, url.scheme, url.host) == (text, scheme, host)
    assert (url.port, url.transport) == (port, transport)
    assert url.secure == scheme.endswith("s")
    assert url.relays == scheme.startswith("turn")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "stun:",
        "stun://example.org",
        "http:example.org",
        "stun:example.org:",
        "stun:example.org:0",
        "stun:example.org:65536",
        "stun:example.org:port",
        "turn:example.org?transport=sctp",
        "turn:example.org?transport=",
        "turn:user@example.org",
        "turn:2001:db8::1",
        "turn:[2001:db8::1",
        "turn:[192.0.2.1]",
        "turn:[example.org]",
        "turn:256.1.1.1",
        "turn:1.2.3",
        "turn:exa mple.org",
        "turn:example.org/path",
        "stun:" + "a" * 2000,
    ],
)
def test_what_is_no_url(text: str) -> None:
    with pytest.raises(ArgumentError):
        ServerUrl.parse(text)


def test_a_name_has_no_numeric_address() -> None:
    assert ServerUrl.parse("stun:example.org").numeric is None
    assert ServerUrl.parse("stun:192.0.2.1:3479").numeric == ("192.0.2.1", 3479)
    assert ServerUrl.parse("stun:[2001:db8::1]").numeric == ("2001:db8::1", 3478)


@given(st.text(max_size=40).map(lambda tail: "turn:" + tail))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        url = ServerUrl.parse(text)
    except ArgumentError:
        return
    assert url.text == text
    assert 1 <= url.port <= 65535
