"""Error causes of ABORT and ERROR chunks (RFC 9260 section 3.3.10)."""

from collections.abc import Sequence
from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from purertc.errors import BadPacket
from purertc.wire.sctp.tlv import encode_item, parse_items

__all__ = [
    "Cause",
    "CauseCode",
    "describe_causes",
    "encode_causes",
    "invalid_stream",
    "parse_causes",
    "stale_cookie",
]

_STREAM_AND_RESERVED: Final = Struct("!HH")


class CauseCode(IntEnum):
    """Cause codes of RFC 9260 section 3.3.10."""

    INVALID_STREAM_IDENTIFIER = 1
    MISSING_MANDATORY_PARAMETER = 2
    STALE_COOKIE = 3
    OUT_OF_RESOURCE = 4
    UNRESOLVABLE_ADDRESS = 5
    UNRECOGNIZED_CHUNK_TYPE = 6
    INVALID_MANDATORY_PARAMETER = 7
    UNRECOGNIZED_PARAMETERS = 8
    NO_USER_DATA = 9
    COOKIE_RECEIVED_WHILE_SHUTTING_DOWN = 10
    RESTART_WITH_NEW_ADDRESSES = 11
    USER_INITIATED_ABORT = 12
    PROTOCOL_VIOLATION = 13


class Cause(NamedTuple):
    """One error cause: its code (perhaps unknown to :class:`CauseCode`) and its information."""

    code: int
    information: bytes = b""


def encode_causes(causes: Sequence[Cause]) -> bytes:
    """Return the value of an ABORT or ERROR chunk."""
    return b"".join(encode_item(cause.code, cause.information) for cause in causes)


def parse_causes(value: bytes) -> list[Cause]:
    """Return the causes in an ABORT or ERROR chunk; raises BadPacket."""
    return [Cause(code, information) for code, information in parse_items(value)]


def invalid_stream(stream: int) -> Cause:
    """Cause 1: DATA on a stream that does not exist (RFC 9260 section 3.3.10.1)."""
    return Cause(CauseCode.INVALID_STREAM_IDENTIFIER, _STREAM_AND_RESERVED.pack(stream, 0))


def stale_cookie(staleness: float) -> Cause:
    """Cause 3: a cookie ``staleness`` seconds past its life (RFC 9260 section 3.3.10.3)."""
    microseconds = min(int(staleness * 1_000_000), 0xFFFF_FFFF)
    return Cause(CauseCode.STALE_COOKIE, microseconds.to_bytes(4, "big"))


def describe_causes(value: bytes) -> str:
    """Return the causes as readable text, whatever the bytes are."""
    try:
        causes = parse_causes(value)
    except BadPacket:
        return "unreadable cause"
    return ", ".join(_describe(cause) for cause in causes) or "no cause given"


def _describe(cause: Cause) -> str:
    known = cause.code in CauseCode._value2member_map_
    name = CauseCode(cause.code).name if known else f"cause {cause.code}"
    text = name.replace("_", " ").lower()
    if cause.code in (CauseCode.USER_INITIATED_ABORT, CauseCode.PROTOCOL_VIOLATION):
        detail = cause.information.decode("utf-8", "replace")
        return f"{text}: {detail}" if detail else text
    return text
