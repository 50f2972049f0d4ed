"""SCTP chunks as bytes and back (RFC 9260 section 3.3, RFC 3758 section 3.2)."""

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from struct import Struct
from typing import Final, NamedTuple

from purertc.errors import BadPacket
from purertc.wire.sctp.tlv import encode_item, parse_items

__all__ = [
    "BEGIN",
    "CHUNK_HEADER_SIZE",
    "DATA_HEADER",
    "DATA_HEADER_SIZE",
    "DATA_RUN_HEADER",
    "DATA_WORDS",
    "DESTINATION_TAG_UNKNOWN",
    "END",
    "IMMEDIATE",
    "NEXT_NUMBERS",
    "UNORDERED",
    "ZERO_CHECKSUM_OVER_DTLS",
    "ChunkType",
    "ForwardTsn",
    "Init",
    "ParameterType",
    "Sack",
    "data_layout",
    "encode_chunk",
    "encode_forward_tsn",
    "encode_init",
    "encode_sack",
    "parse_cumulative_tsn",
    "parse_forward_tsn",
    "parse_init",
    "parse_sack",
]

END: Final = 0x01
BEGIN: Final = 0x02
UNORDERED: Final = 0x04
IMMEDIATE: Final = 0x08
"""Flags of DATA (RFC 9260 section 3.3.1); IMMEDIATE asks for a SACK at once (RFC 7053)."""

DESTINATION_TAG_UNKNOWN: Final = 0x01
"""The T bit of ABORT and SHUTDOWN COMPLETE: the tag is the receiver's own (section 8.5.1)."""

ZERO_CHECKSUM_OVER_DTLS: Final = bytes((0, 0, 0, 1))
"""Zero checksums are accepted because DTLS protects the packets (RFC 9653 sections 4 and 8)."""

DATA_HEADER: Final = Struct("!BBHLHHL")
"""Type, flags, length, TSN, stream, stream sequence number, payload protocol identifier."""

DATA_RUN_HEADER: Final = Struct("!BBHLL")
"""The same up to the sequence number: type, flags, length, TSN, stream and number in one."""

DATA_WORDS: Final = Struct("!LLLL")
"""The same as words: type, flags and length; TSN; stream and number; identifier."""

DATA_HEADER_SIZE: Final = 16

NEXT_NUMBERS: Final = 1 << 32 | 1
"""What TSN, stream and sequence number, read as one, grow by from one message to the next."""

CHUNK_HEADER_SIZE: Final = 4

_CHUNK_HEADER: Final = Struct("!BBH")
_INIT: Final = Struct("!LLHHL")
_SACK: Final = Struct("!LLHH")
_PAIR: Final = Struct("!HH")
_TSN: Final = Struct("!L")


@lru_cache(maxsize=64)
def data_layout(size: int) -> Struct:
    """Return how a whole DATA chunk with ``size`` bytes of payload lies in a packet.

    Type, flags and length; TSN, stream and sequence number; identifier; payload. Padding follows.
    """
    return Struct(f"!LQL{size}s{-size & 3}x")


class ChunkType(IntEnum):
    """Chunk types used by WebRTC (RFC 9260 section 3.2, RFC 6525, RFC 4820, RFC 3758)."""

    DATA = 0
    INIT = 1
    INIT_ACK = 2
    SACK = 3
    HEARTBEAT = 4
    HEARTBEAT_ACK = 5
    ABORT = 6
    SHUTDOWN = 7
    SHUTDOWN_ACK = 8
    ERROR = 9
    COOKIE_ECHO = 10
    COOKIE_ACK = 11
    SHUTDOWN_COMPLETE = 14
    RE_CONFIG = 130
    PAD = 132
    FORWARD_TSN = 192


class ParameterType(IntEnum):
    """Parameters of INIT, INIT ACK and HEARTBEAT."""

    HEARTBEAT_INFO = 1
    IPV4_ADDRESS = 5
    IPV6_ADDRESS = 6
    STATE_COOKIE = 7
    UNRECOGNIZED_PARAMETER = 8
    COOKIE_PRESERVATIVE = 9
    HOST_NAME_ADDRESS = 11
    SUPPORTED_ADDRESS_TYPES = 12
    ZERO_CHECKSUM_ACCEPTABLE = 0x8001
    SUPPORTED_EXTENSIONS = 0x8008
    FORWARD_TSN_SUPPORTED = 0xC000


class Init(NamedTuple):
    """Value of INIT and INIT ACK (RFC 9260 section 3.3.2)."""

    tag: int
    receive_window: int
    outbound_streams: int
    inbound_streams: int
    initial_tsn: int
    parameters: tuple[tuple[int, bytes], ...] = ()

    def parameter(self, parameter_type: int) -> bytes | None:
        """Return the value of the first parameter of this type, or None."""
        for item_type, value in self.parameters:
            if item_type == parameter_type:
                return value
        return None


class Sack(NamedTuple):
    """Value of SACK (RFC 9260 section 3.3.4). Gap offsets count from the cumulative TSN."""

    cumulative_tsn: int
    receive_window: int
    gaps: Sequence[tuple[int, int]] = ()
    duplicates: Sequence[int] = ()


class ForwardTsn(NamedTuple):
    """Value of FORWARD-TSN (RFC 3758 section 3.2): skipped (stream, sequence number) pairs."""

    cumulative_tsn: int
    streams: Sequence[tuple[int, int]] = ()


def encode_chunk(chunk_type: int, flags: int = 0, value: bytes = b"") -> bytes:
    """Return a chunk padded to four bytes."""
    length = 4 + len(value)
    return _CHUNK_HEADER.pack(chunk_type, flags, length) + value + bytes(-length & 3)


def encode_init(chunk_type: int, init: Init) -> bytes:
    """Return an INIT or INIT ACK chunk."""
    parameters = b"".join(encode_item(*item) for item in init.parameters)
    return encode_chunk(chunk_type, 0, _INIT.pack(*init[:5]) + parameters)


def parse_init(value: bytes) -> Init:
    """Read an INIT or INIT ACK.

    Raises BadPacket for a zero tag or no streams (RFC 9260 section 3.3.2) too.
    """
    if len(value) < _INIT.size:
        raise BadPacket("an INIT chunk that is too short")
    fixed = Init._make((*_INIT.unpack_from(value), ()))
    init = fixed._replace(parameters=tuple(parse_items(value[_INIT.size :])))
    if not init.tag:
        raise BadPacket("an INIT chunk with a zero tag")
    if not init.outbound_streams or not init.inbound_streams:
        raise BadPacket("an INIT chunk without streams")
    return init


def encode_sack(sack: Sack) -> bytes:
    """Return a SACK chunk."""
    gaps, duplicates = sack.gaps, sack.duplicates
    head = _SACK.pack(sack.cumulative_tsn, sack.receive_window, len(gaps), len(duplicates))
    if not gaps and not duplicates:
        return encode_chunk(ChunkType.SACK, 0, head)
    parts = [head, *(_PAIR.pack(*gap) for gap in gaps), *(_TSN.pack(tsn) for tsn in duplicates)]
    return encode_chunk(ChunkType.SACK, 0, b"".join(parts))


def parse_sack(value: bytes) -> Sack:
    """Read a SACK; raises BadPacket."""
    if len(value) < _SACK.size:
        raise BadPacket("a SACK chunk that is too short")
    cumulative_tsn, window, gap_count, duplicate_count = _SACK.unpack_from(value)
    if not gap_count and not duplicate_count:
        return Sack(cumulative_tsn, window)
    gaps_end = _SACK.size + 4 * gap_count
    end = gaps_end + 4 * duplicate_count
    if end > len(value):
        raise BadPacket("a SACK chunk with fewer blocks than it counts")
    gaps = [(start, last) for start, last in _PAIR.iter_unpack(value[_SACK.size : gaps_end])]
    duplicates = [tsn for (tsn,) in _TSN.iter_unpack(value[gaps_end:end])]
    return Sack(cumulative_tsn, window, gaps, duplicates)


def encode_forward_tsn(forward: ForwardTsn) -> bytes:
    """Return a FORWARD-TSN chunk."""
    pairs = b"".join(_PAIR.pack(*pair) for pair in forward.streams)
    return encode_chunk(ChunkType.FORWARD_TSN, 0, _TSN.pack(forward.cumulative_tsn) + pairs)


def parse_forward_tsn(value: bytes) -> ForwardTsn:
    """Read a FORWARD-TSN; raises BadPacket."""
    if len(value) < 4 or len(value) % 4:
        raise BadPacket("a FORWARD-TSN chunk of a wrong length")
    (cumulative_tsn,) = _TSN.unpack_from(value)
    streams = [(stream, number) for stream, number in _PAIR.iter_unpack(value[4:])]
    return ForwardTsn(cumulative_tsn, streams)


def parse_cumulative_tsn(value: bytes) -> int:
    """Read the value of a SHUTDOWN chunk (RFC 9260 section 3.3.8); raises BadPacket."""
    if len(value) != 4:
        raise BadPacket("a SHUTDOWN chunk of a wrong length")
    return int.from_bytes(value, "big")
