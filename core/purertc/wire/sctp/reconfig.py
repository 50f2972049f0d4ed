"""Parameters of the RE-CONFIG chunk (RFC 6525 section 4)."""

from collections.abc import Sequence
from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from purertc.errors import BadPacket
from purertc.wire.sctp.tlv import encode_item, parse_items

__all__ = [
    "AddStreamsRequest",
    "IncomingResetRequest",
    "OutgoingResetRequest",
    "ReconfigParameter",
    "ReconfigResponse",
    "ReconfigResult",
    "ReconfigType",
    "TsnResetRequest",
    "encode_reconfig_parameter",
    "parse_reconfig",
]

_OUTGOING: Final = Struct("!LLL")
_NUMBER: Final = Struct("!L")
_RESPONSE: Final = Struct("!LL")
_ADD: Final = Struct("!LHH")


class ReconfigType(IntEnum):
    """Parameter types (RFC 6525 section 4)."""

    OUTGOING_RESET = 13
    INCOMING_RESET = 14
    TSN_RESET = 15
    RESPONSE = 16
    ADD_OUTGOING_STREAMS = 17
    ADD_INCOMING_STREAMS = 18


class ReconfigResult(IntEnum):
    """Results in a response (RFC 6525 section 4.4)."""

    NOTHING_TO_DO = 0
    PERFORMED = 1
    DENIED = 2
    WRONG_SSN = 3
    ALREADY_IN_PROGRESS = 4
    BAD_SEQUENCE_NUMBER = 5
    IN_PROGRESS = 6


class OutgoingResetRequest(NamedTuple):
    """The sender resets its own streams; no streams means all (RFC 6525 section 4.1)."""

    request: int
    response: int
    last_tsn: int
    streams: tuple[int, ...]


class IncomingResetRequest(NamedTuple):
    """The sender asks the receiver to reset streams (RFC 6525 section 4.2)."""

    request: int
    streams: tuple[int, ...]


class TsnResetRequest(NamedTuple):
    """Start over with all TSNs and streams (RFC 6525 section 4.3)."""

    request: int


class ReconfigResponse(NamedTuple):
    """Answer to the request of that number (RFC 6525 section 4.4)."""

    response: int
    result: int


class AddStreamsRequest(NamedTuple):
    """The sender wants more streams, outgoing or incoming (RFC 6525 sections 4.5 and 4.6)."""

    request: int
    stream_count: int
    outgoing: bool


ReconfigParameter = (
    OutgoingResetRequest
    | IncomingResetRequest
    | TsnResetRequest
    | ReconfigResponse
    | AddStreamsRequest
)


def encode_reconfig_parameter(parameter: ReconfigParameter) -> bytes:
    """Return one parameter, padded."""
    match parameter:
        case OutgoingResetRequest(request, response, last_tsn, streams):
            value = _OUTGOING.pack(request, response, last_tsn) + _encode_streams(streams)
            return encode_item(ReconfigType.OUTGOING_RESET, value)
        case IncomingResetRequest(request, streams):
            value = _NUMBER.pack(request) + _encode_streams(streams)
            return encode_item(ReconfigType.INCOMING_RESET, value)
        case TsnResetRequest(request):
            return encode_item(ReconfigType.TSN_RESET, _NUMBER.pack(request))
        case ReconfigResponse(response, result):
            return encode_item(ReconfigType.RESPONSE, _RESPONSE.pack(response, result))
        case AddStreamsRequest(request, stream_count, outgoing):
            kind = (
                ReconfigType.ADD_OUTGOING_STREAMS if outgoing else ReconfigType.ADD_INCOMING_STREAMS
            )
            return encode_item(kind, _ADD.pack(request, stream_count, 0))


def parse_reconfig(value: bytes) -> list[ReconfigParameter]:
    """Read a RE-CONFIG chunk; unknown parameters are left out. Raises BadPacket."""
    parameters = (_parse(item_type, item) for item_type, item in parse_items(value))
    return [parameter for parameter in parameters if parameter is not None]


def _parse(item_type: int, value: bytes) -> ReconfigParameter | None:
    match item_type:
        case ReconfigType.OUTGOING_RESET:
            _require(value, _OUTGOING.size)
            request, response, last_tsn = _OUTGOING.unpack_from(value)
            return OutgoingResetRequest(request, response, last_tsn, _parse_streams(value[12:]))
        case ReconfigType.INCOMING_RESET:
            _require(value, 4)
            return IncomingResetRequest(_NUMBER.unpack_from(value)[0], _parse_streams(value[4:]))
        case ReconfigType.TSN_RESET:
            _require(value, 4)
            return TsnResetRequest(_NUMBER.unpack_from(value)[0])
        case ReconfigType.RESPONSE:
            _require(value, _RESPONSE.size)
            return ReconfigResponse(*_RESPONSE.unpack_from(value))
        case ReconfigType.ADD_OUTGOING_STREAMS | ReconfigType.ADD_INCOMING_STREAMS:
            _require(value, _ADD.size)
            request, count, _ = _ADD.unpack_from(value)
            return AddStreamsRequest(request, count, item_type == ReconfigType.ADD_OUTGOING_STREAMS)
        case _:
            return None


def _require(value: bytes, size: int) -> None:
    if len(value) < size:
        raise BadPacket("a RE-CONFIG parameter that is too short")


def _encode_streams(streams: Sequence[int]) -> bytes:
    return b"".join(stream.to_bytes(2, "big") for stream in streams)


def _parse_streams(value: bytes) -> tuple[int, ...]:
    if len(value) % 2:
        raise BadPacket("a RE-CONFIG stream list of odd length")
    return tuple(stream for (stream,) in Struct("!H").iter_unpack(value))
