"""Each attribute is read by its own grammar, and anything else raises SdpError."""

import pytest

from purertc.errors import SdpError
from purertc.wire.sdp import Line
from purertc.wire.sdp_grammar import (
    Setup,
    parse_fingerprint,
    parse_group,
    parse_ice_password,
    parse_ice_username_fragment,
    parse_legacy_sctp_port,
    parse_max_message_size,
    parse_mid,
    parse_sctp_port,
    parse_sctpmap,
    parse_setup,
)
from tests.support.remote_sdp import SHA256


def test_fingerprint_is_normalised() -> None:
    line = Line.attribute("fingerprint", f"SHA-256 {SHA256.lower()}")
    assert parse_fingerprint(line) == ("sha-256", SHA256)


def test_unknown_hash_is_kept() -> None:
    assert parse_fingerprint(Line.attribute("fingerprint", "md9 AB:CD")) == ("md9", "AB:CD")


@pytest.mark.parametrize(
    "value", [None, "", "sha-256", "sha-256 AB", "sha-256 " + SHA256[:-1], "sha-256 xx:yy", " AB"]
)
def test_bad_fingerprint(value: str | None) -> None:
    with pytest.raises(SdpError, match="fingerprint"):
        parse_fingerprint(Line.attribute("fingerprint", value))


def test_setup_values() -> None:
    assert parse_setup(Line.attribute("setup", "passive")) is Setup.PASSIVE
    with pytest.raises(SdpError, match="expected actpass"):
        parse_setup(Line.attribute("setup", "both"))


def test_group_members() -> None:
    assert parse_group(Line.attribute("group", "BUNDLE 0 data ")) == ("BUNDLE", ("0", "data"))
    assert parse_group(Line.attribute("group", "BUNDLE")) == ("BUNDLE", ())
    with pytest.raises(SdpError):
        parse_group(Line.attribute("group"))


@pytest.mark.parametrize("value", [None, "", "a b", "é", "x" * 300])
def test_bad_mid(value: str | None) -> None:
    with pytest.raises(SdpError, match="mid"):
        parse_mid(Line.attribute("mid", value))


def test_ice_credentials_have_their_lengths() -> None:
    assert parse_ice_username_fragment(Line.attribute("ice-ufrag", "abcd")) == "abcd"
    assert parse_ice_password(Line.attribute("ice-pwd", "x" * 22)) == "x" * 22
    with pytest.raises(SdpError, match="4 to 256"):
        parse_ice_username_fragment(Line.attribute("ice-ufrag", "abc"))
    with pytest.raises(SdpError, match="22 to 256"):
        parse_ice_password(Line.attribute("ice-pwd", "x" * 257))
    with pytest.raises(SdpError):
        parse_ice_username_fragment(Line.attribute("ice-ufrag", "ab cd"))


@pytest.mark.parametrize(
    "value", [None, "", "0", "65536", "-1", "5e3", "\u0665\u0660", "9" * 10_000]
)
def test_bad_sctp_port(value: str | None) -> None:
    line = Line.attribute("sctp-port", value)
    with pytest.raises(SdpError):
        parse_sctp_port(line)
    with pytest.raises(SdpError):
        parse_legacy_sctp_port(line, value or "")


def test_max_message_size_range() -> None:
    assert parse_max_message_size(Line.attribute("max-message-size", "0")) == 0
    assert parse_max_message_size(Line.attribute("max-message-size", "9" * 19)) == 10**19 - 1
    with pytest.raises(SdpError):
        parse_max_message_size(Line.attribute("max-message-size", "9" * 20))


def test_sctpmap() -> None:
    line = Line.attribute("sctpmap", "5000 webrtc-datachannel 1024")
    assert parse_sctpmap(line) == (5000, "webrtc-datachannel")
    with pytest.raises(SdpError):
        parse_sctpmap(Line.attribute("sctpmap", "5000"))
