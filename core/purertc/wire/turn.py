"""What TURN (RFC 8656) adds to STUN on the wire: ChannelData, indications, framing on streams."""

import struct
from enum import IntEnum
from typing import Final

from purertc.errors import BadPacket
from purertc.wire.address import Address
from purertc.wire.stun import DATA, SEND, Attribute, MessageClass, pack_xor_address

__all__ = [
    "CHANNEL_HEADER_SIZE",
    "FIRST_CHANNEL",
    "LAST_CHANNEL",
    "REQUEST_UDP",
    "AddressFamily",
    "TurnStreamSplitter",
    "pack_channel_data",
    "pack_channel_number",
    "pack_channel_run",
    "pack_data_indication",
    "pack_family",
    "pack_send_indication",
    "parse_channel_data",
]

CHANNEL_HEADER_SIZE: Final = 4
FIRST_CHANNEL: Final = 0x4000
LAST_CHANNEL: Final = 0x4FFF
"""The channel numbers that a client may bind (RFC 8656 section 12)."""
REQUEST_UDP: Final = b"\x11\0\0\0"
"""The value of REQUESTED-TRANSPORT for UDP (RFC 8656 section 18.7)."""

_CHANNEL: Final = struct.Struct("!HH")
_INDICATION: Final = struct.Struct("!HHI12s")
_ATTRIBUTE: Final = struct.Struct("!HH")
_STUN_HEADER_SIZE: Final = 20
_COOKIE: Final = 0x2112A442
_COOKIE_BYTES: Final = _COOKIE.to_bytes(4, "big")


class AddressFamily(IntEnum):
    """The families in REQUESTED-ADDRESS-FAMILY (RFC 8656 section 18.6)."""

    IPV4 = 1
    IPV6 = 2


def pack_family(family: AddressFamily) -> bytes:
    """Return the value of REQUESTED-ADDRESS-FAMILY."""
    return bytes((family, 0, 0, 0))


def pack_channel_number(number: int) -> bytes:
    """Return the value of CHANNEL-NUMBER (RFC 8656 section 18.1)."""
    return number.to_bytes(2, "big") + b"\0\0"


def pack_channel_data(number: int, payload: bytes, *, padded: bool) -> bytes:
    """Return a ChannelData message (RFC 8656 section 12.4); ``padded`` is for streams."""
    size = len(payload)
    if padded and size & 3:
        return _CHANNEL.pack(number, size) + payload + bytes(-size & 3)
    return _CHANNEL.pack(number, size) + payload


def pack_channel_run(number: int, payload: bytes, segment_size: int, *, padded: bool) -> bytes:
    """Return one ChannelData message for each ``segment_size`` bytes of ``payload``, joined.

    The last may be shorter. Without padding they are a run of ``segment_size + 4`` each.
    """
    header = _CHANNEL.pack(number, segment_size)
    padding = bytes(-segment_size & 3) if padded else b""
    whole = len(payload) - len(payload) % segment_size
    parts = [
        part
        for start in range(0, whole, segment_size)
        for part in (header, payload[start : start + segment_size], padding)
    ]
    if whole < len(payload):
        parts.append(pack_channel_data(number, payload[whole:], padded=padded))
    return b"".join(parts)


def parse_channel_data(data: bytes) -> tuple[int, bytes]:
    """Return channel number and payload. Raises BadPacket when the length field lies."""
    available = len(data) - CHANNEL_HEADER_SIZE
    if available < 0:
        raise BadPacket("ChannelData has a header of 4 bytes")
    number, size = _CHANNEL.unpack_from(data)
    # Over UDP padding is not required, but allowed (RFC 8656 section 12.5).
    if not size <= available <= size + 3:
        raise BadPacket("the ChannelData length field does not fit")
    return number, data[CHANNEL_HEADER_SIZE : CHANNEL_HEADER_SIZE + size]


def pack_send_indication(transaction_id: bytes, peer: Address, payload: bytes) -> bytes:
    """Return a Send indication (RFC 8656 section 11.1), without FINGERPRINT to be short."""
    return _indication(SEND, transaction_id, peer, payload)


def pack_data_indication(transaction_id: bytes, peer: Address, payload: bytes) -> bytes:
    """Return a Data indication (RFC 8656 section 11.3), as a server sends it."""
    return _indication(DATA, transaction_id, peer, payload)


def _indication(method: int, transaction_id: bytes, peer: Address, payload: bytes) -> bytes:
    address = pack_xor_address(peer, transaction_id)
    padding = bytes(-len(payload) & 3)
    length = 8 + len(address) + len(payload) + len(padding)
    return b"".join(
        (
            _INDICATION.pack(method | MessageClass.INDICATION, length, _COOKIE, transaction_id),
            _ATTRIBUTE.pack(Attribute.XOR_PEER_ADDRESS, len(address)),
            address,
            _ATTRIBUTE.pack(Attribute.DATA, len(payload)),
            payload,
            padding,
        )
    )


class TurnStreamSplitter:
    """Cuts what a TCP or TLS stream brings into STUN messages and ChannelData.

    RFC 8656 section 12.5, RFC 8489 section 6.2.2. Both tell their length in the first four
    bytes, so that never more than 64 KiB wait for the rest of a message.
    """

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are complete now, ChannelData without its padding.

        Raises BadPacket when something is no such message: the stream can only be closed then,
        for nobody knows where the next one begins.
        """
        data = self._buffer + data if self._buffer else data
        messages = []
        position, end = 0, len(data)
        while end - position >= CHANNEL_HEADER_SIZE:
            size, padding = _message_size(data, position)
            following = position + size + padding
            if following > end:
                break
            messages.append(data[position : position + size])
            position = following
        self._buffer = data[position:]
        return messages


def _message_size(data: bytes, position: int) -> tuple[int, int]:
    kind, size = _CHANNEL.unpack_from(data, position)
    if FIRST_CHANNEL <= kind <= LAST_CHANNEL:
        return CHANNEL_HEADER_SIZE + size, -size & 3
    cookie = data[position + 4 : position + 8]
    if kind >= FIRST_CHANNEL or size & 3 or not _COOKIE_BYTES.startswith(cookie):
        raise BadPacket("neither a STUN message nor ChannelData on the stream to the server")
    return _STUN_HEADER_SIZE + size, 0
