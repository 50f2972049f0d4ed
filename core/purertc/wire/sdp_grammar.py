"""The attributes a data-only session needs, one function each: line in, value out.

Every function raises SdpError, naming the line, for a value that breaks the grammar of the RFC
in its docstring. Values are untrusted text of any length.
"""

import re
from enum import StrEnum

from purertc.wire.sdp import Line, sdp_error

__all__ = [
    "Setup",
    "parse_fingerprint",
    "parse_group",
    "parse_ice_password",
    "parse_ice_username_fragment",
    "parse_legacy_sctp_port",
    "parse_max_message_size",
    "parse_mid",
    "parse_sctp_port",
    "parse_sctpmap",
    "parse_setup",
]

_TOKEN = re.compile(r"[!#-'*+\-.0-9A-Z^-~]{1,256}")
_VISIBLE = re.compile(r"[!-~]+")
_HEX_PAIRS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2})*")
_HASH_SIZES = {"sha-1": 20, "sha-224": 28, "sha-256": 32, "sha-384": 48, "sha-512": 64}
_MAX_DIGITS = 19
"""Keeps every number below 2**64."""


class Setup(StrEnum):
    """Who opens the DTLS association (RFC 4145 section 4, RFC 8842 section 5.3)."""

    ACTPASS = "actpass"
    ACTIVE = "active"
    PASSIVE = "passive"
    HOLDCONN = "holdconn"


def _argument(line: Line) -> str:
    return (line.argument or "").strip(" ")


def _number(line: Line, text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > _MAX_DIGITS:
        raise sdp_error(line, "expected a decimal number")
    if not low <= int(text) <= high:
        raise sdp_error(line, f"the number must be between {low} and {high}")
    return int(text)


def parse_mid(line: Line) -> str:
    """Read ``a=mid:<token>`` (RFC 5888 section 4)."""
    value = _argument(line)
    if _TOKEN.fullmatch(value) is None:
        raise sdp_error(line, "expected a=mid:<token>, without spaces")
    return value


def parse_group(line: Line) -> tuple[str, tuple[str, ...]]:
    """Read ``a=group:<semantics> <mid> …`` (RFC 5888 section 5)."""
    words = _argument(line).split(" ")
    if not words[0]:
        raise sdp_error(line, "expected a=group:<semantics> followed by mids")
    return words[0], tuple(word for word in words[1:] if word)


def parse_setup(line: Line) -> Setup:
    """Read ``a=setup:…`` (RFC 4145 section 4)."""
    try:
        return Setup(_argument(line))
    except ValueError:
        raise sdp_error(line, "expected actpass, active or passive") from None


def parse_fingerprint(line: Line) -> tuple[str, str]:
    """Read ``a=fingerprint:<algorithm> <hex:hex:…>`` (RFC 8122 section 5).

    Returns the algorithm in lower and the hash in upper case.
    """
    algorithm, _, value = _argument(line).partition(" ")
    algorithm, value = algorithm.lower(), value.strip(" ").upper()
    if _TOKEN.fullmatch(algorithm) is None or _HEX_PAIRS.fullmatch(value) is None:
        raise sdp_error(line, "expected a=fingerprint:<algorithm> <hex pairs joined by colons>")
    size = _HASH_SIZES.get(algorithm)
    if size is not None and len(value) != size * 3 - 1:
        raise sdp_error(line, f"a {algorithm} fingerprint has {size} hex pairs")
    return algorithm, value


def _ice_string(line: Line, low: int) -> str:
    value = _argument(line)
    if not low <= len(value) <= 256 or _VISIBLE.fullmatch(value) is None:
        raise sdp_error(line, f"expected {low} to 256 letters, digits, '+' or '/'")
    return value


def parse_ice_username_fragment(line: Line) -> str:
    """Read ``a=ice-ufrag:…`` (RFC 8839 section 5.4); any visible ASCII passes."""
    return _ice_string(line, 4)


def parse_ice_password(line: Line) -> str:
    """Read ``a=ice-pwd:…`` (RFC 8839 section 5.4); any visible ASCII passes."""
    return _ice_string(line, 22)


def parse_sctp_port(line: Line) -> int:
    """Read ``a=sctp-port:…`` (RFC 8841 section 5); port 0 would close the association."""
    return _number(line, _argument(line), 1, 65535)


def parse_legacy_sctp_port(line: Line, port: str) -> int:
    """Read the SCTP port that stands as the format of an ``m=`` line (before RFC 8841)."""
    return _number(line, port, 1, 65535)


def parse_max_message_size(line: Line) -> int:
    """Read ``a=max-message-size:…`` in bytes, 0 for any (RFC 8841 section 6)."""
    return _number(line, _argument(line), 0, 10**_MAX_DIGITS)


def parse_sctpmap(line: Line) -> tuple[int, str]:
    """Read ``a=sctpmap:<port> <application> [<streams>]``, the form before RFC 8841.

    Returns the port and the application.
    """
    words = _argument(line).split()
    if len(words) < 2:
        raise sdp_error(line, "expected a=sctpmap:<port> <application> <streams>")
    return _number(line, words[0], 1, 65535), words[1]
