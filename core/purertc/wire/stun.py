"""STUN messages (RFC 8489) with the attributes of ICE (RFC 8445) and TURN (RFC 8656).

A parsed message keeps the raw attribute values; the readers of :class:`StunMessage` decode them
on demand. Parsing and reading raise BadPacket and nothing else.
"""

import hmac
import struct
import zlib
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final, Self

from purertc.errors import BadPacket
from purertc.wire.address import Address, split_scope

__all__ = [
    "ALLOCATE",
    "BINDING",
    "CHANNEL_BIND",
    "CREATE_PERMISSION",
    "DATA",
    "REFRESH",
    "SEND",
    "UNDERSTOOD",
    "Attribute",
    "MessageClass",
    "StunMessage",
    "pack_address",
    "pack_error_code",
    "pack_unknown_attributes",
    "pack_xor_address",
]

BINDING: Final = 0x001
"""The one method ICE uses (RFC 8489 section 18.2)."""
ALLOCATE: Final = 0x003
REFRESH: Final = 0x004
SEND: Final = 0x006
DATA: Final = 0x007
CREATE_PERMISSION: Final = 0x008
CHANNEL_BIND: Final = 0x009
"""The methods of TURN (RFC 8656 section 17)."""

_COOKIE: Final = 0x2112A442
_COOKIE_BYTES: Final = _COOKIE.to_bytes(4, "big")
_HEADER: Final = struct.Struct("!HHI12s")
_ATTRIBUTE: Final = struct.Struct("!HH")
_FINGERPRINT_LAYOUT: Final = struct.Struct("!HHI")
_PADDING: Final = (b"", bytes(3), bytes(2), bytes(1))
_HEADER_SIZE: Final = 20
_INTEGRITY_SIZE: Final = 24
_INTEGRITY_SHA256_SIZE: Final = 36
_FINGERPRINT_SIZE: Final = 8
_FINGERPRINT_XOR: Final = 0x5354554E
_FIRST_OPTIONAL: Final = 0x8000
_FAMILY_IPV4: Final = 1
_FAMILY_IPV6: Final = 2


class MessageClass(IntEnum):
    """The class bits in their place in the message type (RFC 8489 section 5)."""

    REQUEST = 0x000
    INDICATION = 0x010
    SUCCESS = 0x100
    ERROR = 0x110


class Attribute(IntEnum):
    """Attribute types (RFC 8489 section 18.3, RFC 8445 section 20.2, RFC 8656 section 18)."""

    MAPPED_ADDRESS = 0x0001
    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    CHANNEL_NUMBER = 0x000C
    LIFETIME = 0x000D
    XOR_PEER_ADDRESS = 0x0012
    DATA = 0x0013
    REALM = 0x0014
    NONCE = 0x0015
    XOR_RELAYED_ADDRESS = 0x0016
    REQUESTED_ADDRESS_FAMILY = 0x0017
    REQUESTED_TRANSPORT = 0x0019
    MESSAGE_INTEGRITY_SHA256 = 0x001C
    PASSWORD_ALGORITHM = 0x001D
    USERHASH = 0x001E
    XOR_MAPPED_ADDRESS = 0x0020
    PRIORITY = 0x0024
    USE_CANDIDATE = 0x0025
    PASSWORD_ALGORITHMS = 0x8002
    SOFTWARE = 0x8022
    ALTERNATE_SERVER = 0x8023
    FINGERPRINT = 0x8028
    ICE_CONTROLLED = 0x8029
    ICE_CONTROLLING = 0x802A


# Python 3.11 takes its time to look up a member of an enumeration.
_INTEGRITY: Final = Attribute.MESSAGE_INTEGRITY.value
_INTEGRITY_SHA256: Final = Attribute.MESSAGE_INTEGRITY_SHA256.value
_FINGERPRINT: Final = Attribute.FINGERPRINT.value
_RELAYED: Final = Attribute.XOR_RELAYED_ADDRESS.value

_OF_TURN_ONLY: Final = frozenset(
    {
        Attribute.CHANNEL_NUMBER,
        Attribute.LIFETIME,
        Attribute.XOR_PEER_ADDRESS,
        Attribute.DATA,
        Attribute.XOR_RELAYED_ADDRESS,
        Attribute.REQUESTED_ADDRESS_FAMILY,
        Attribute.REQUESTED_TRANSPORT,
    }
)
UNDERSTOOD: Final = frozenset(kind.value for kind in Attribute if kind not in _OF_TURN_ONLY)
"""The attribute types that do not make a Binding message incomprehensible."""

_CLASS_BITS: Final = 0x0110
_CLASSES: Final = {member.value: member for member in MessageClass}


@dataclass(slots=True)
class StunMessage:
    """One STUN message.

    ``attributes`` maps an attribute type to its unpadded raw value, in message order, without
    MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT: :meth:`to_bytes` adds those. Of
    an attribute that occurs twice the first counts (RFC 8489 section 14), but for
    XOR-RELAYED-ADDRESS: see :meth:`relayed_addresses`.
    """

    message_class: MessageClass
    transaction_id: bytes
    attributes: dict[int, bytes] = field(default_factory=dict)
    method: int = BINDING
    _protected: bytes = b""
    _integrity: bytes | None = None
    _protected_sha256: bytes = b""
    _integrity_sha256: bytes | None = None
    _second_relayed: bytes | None = None

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a message and check its FINGERPRINT when there is one.

        Raises BadPacket when the bytes are no STUN message, or the fingerprint is wrong or not
        the last attribute. Integrity needs a key: see :meth:`has_integrity`.
        """
        if len(data) < _HEADER_SIZE:
            raise BadPacket("a STUN header has 20 bytes")
        message_type, length, cookie, transaction_id = _HEADER.unpack_from(data)
        if message_type >= 0x4000 or cookie != _COOKIE:
            raise BadPacket("no STUN message type or magic cookie")
        if length % 4 or length != len(data) - _HEADER_SIZE:
            raise BadPacket("the STUN length field does not fit the datagram")
        message = cls(
            message_class=_CLASSES[message_type & _CLASS_BITS],
            transaction_id=transaction_id,
            method=_method_of(message_type),
        )
        message._read_attributes(data)
        return message

    def _read_attributes(self, data: bytes) -> None:
        position, end = _HEADER_SIZE, len(data)
        while position < end:
            # Length and padding are multiples of four, so four bytes are always left here.
            kind, size = _ATTRIBUTE.unpack_from(data, position)
            start = position + 4
            following = start + size + (-size % 4)
            if following > end:
                raise BadPacket("a STUN attribute is longer than the message")
            value = data[start : start + size]
            if kind == _FINGERPRINT:
                if following != end:
                    raise BadPacket("FINGERPRINT is not the last attribute")
                _check_fingerprint(data[:position], value)
            elif kind == _INTEGRITY:
                if self._integrity is None and self._integrity_sha256 is None:
                    self._protected = _with_length(data[:position], _INTEGRITY_SIZE)
                    self._integrity = value
            elif kind == _INTEGRITY_SHA256:
                if self._integrity_sha256 is None:
                    self._protected_sha256 = _with_length(data[:position], 4 + size)
                    self._integrity_sha256 = value
            # RFC 8489 section 14.5: what follows MESSAGE-INTEGRITY is not protected by it.
            elif self._integrity is None and self._integrity_sha256 is None:
                if kind not in self.attributes:
                    self.attributes[kind] = value
                elif kind == _RELAYED and self._second_relayed is None:
                    self._second_relayed = value
            position = following

    def to_bytes(self, key: bytes | None = None, *, sha256: bool = False) -> bytes:
        """Return the datagram, with FINGERPRINT, and with MESSAGE-INTEGRITY if a key is given.

        ``key`` is the password of short-term credentials (RFC 8489 section 9.1.1), or what
        :func:`purertc.wire.stun_credentials.long_term_key` makes. With ``sha256``
        MESSAGE-INTEGRITY-SHA256 takes the place of MESSAGE-INTEGRITY.
        """
        parts: list[bytes] = []
        for kind, value in self.attributes.items():
            parts += _ATTRIBUTE.pack(kind, len(value)), value, _PADDING[len(value) & 3]
        body = b"".join(parts)
        message_type = _method_bits(self.method) | self.message_class
        if key is not None:
            size = _INTEGRITY_SHA256_SIZE if sha256 else _INTEGRITY_SIZE
            kind = Attribute.MESSAGE_INTEGRITY_SHA256 if sha256 else Attribute.MESSAGE_INTEGRITY
            header = _HEADER.pack(message_type, len(body) + size, _COOKIE, self.transaction_id)
            digest = hmac.digest(key, header + body, "sha256" if sha256 else "sha1")
            body += _ATTRIBUTE.pack(kind, len(digest)) + digest
        length = len(body) + _FINGERPRINT_SIZE
        data = _HEADER.pack(message_type, length, _COOKIE, self.transaction_id) + body
        return data + _FINGERPRINT_LAYOUT.pack(_FINGERPRINT, 4, _fingerprint(data))

    def has_integrity(self, key: bytes, *, sha256: bool = False) -> bool:
        """Return whether the parsed message carries a MESSAGE-INTEGRITY made with ``key``.

        With ``sha256`` that is MESSAGE-INTEGRITY-SHA256, which may be shortened to 16 bytes or
        more (RFC 8489 section 14.6). The comparison takes the same time wherever digests differ.
        """
        if sha256:
            mine, full = self._integrity_sha256, self._protected_sha256
            if mine is None or len(mine) % 4 or not 16 <= len(mine) <= 32:
                return False
            return hmac.compare_digest(mine, hmac.digest(key, full, "sha256")[: len(mine)])
        if self._integrity is None:
            return False
        return hmac.compare_digest(self._integrity, hmac.digest(key, self._protected, "sha1"))

    def not_understood(self) -> tuple[int, ...]:
        """Return the comprehension-required attribute types we do not know (RFC 8489 s. 6.3.1)."""
        return tuple(
            kind
            for kind in self.attributes
            if kind < _FIRST_OPTIONAL
            and kind not in UNDERSTOOD
            and (self.method == BINDING or kind not in _OF_TURN_ONLY)
        )

    def unsigned(self, attribute: Attribute, size: int) -> int | None:
        """Return an unsigned number of ``size`` bytes, or None when the attribute is absent.

        Raises BadPacket when it has another length.
        """
        value = self.attributes.get(attribute)
        if value is None:
            return None
        if len(value) != size:
            raise BadPacket(f"{attribute.name} must have {size} bytes")
        return int.from_bytes(value, "big")

    def text(self, attribute: Attribute) -> str | None:
        """Return a UTF-8 text, or None when the attribute is absent; may raise BadPacket."""
        value = self.attributes.get(attribute)
        if value is None:
            return None
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise BadPacket(f"{attribute.name} is not UTF-8") from error

    def error_code(self) -> tuple[int, str] | None:
        """Return the ERROR-CODE as number and reason phrase (RFC 8489 section 14.8).

        None when the attribute is absent. Raises BadPacket when it is malformed.
        """
        value = self.attributes.get(Attribute.ERROR_CODE)
        if value is None:
            return None
        if len(value) < 4 or not 3 <= value[2] & 7 <= 6 or value[3] > 99:
            raise BadPacket("malformed ERROR-CODE")
        return (value[2] & 7) * 100 + value[3], value[4:].decode(errors="replace")

    def unknown_attributes(self) -> tuple[int, ...]:
        """Return the types in UNKNOWN-ATTRIBUTES (RFC 8489 section 14.13); may raise BadPacket."""
        value = self.attributes.get(Attribute.UNKNOWN_ATTRIBUTES, b"")
        if len(value) % 2:
            raise BadPacket("malformed UNKNOWN-ATTRIBUTES")
        return struct.unpack(f"!{len(value) // 2}H", value)

    def mapped_address(self) -> Address | None:
        """Return XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS, else None; may raise BadPacket."""
        mapped = self.xor_address(Attribute.XOR_MAPPED_ADDRESS)
        return self.plain_address(Attribute.MAPPED_ADDRESS) if mapped is None else mapped

    def xor_address(self, attribute: Attribute) -> Address | None:
        """Return the address in an XOR-… attribute, or None without it; may raise BadPacket."""
        value = self.attributes.get(attribute)
        if value is None:
            return None
        return _read_address(value, _COOKIE_BYTES + self.transaction_id)

    def relayed_addresses(self) -> list[Address]:
        """Return the up to two relayed addresses, of different families; may raise BadPacket.

        RFC 8656 section 7.3.
        """
        values = (self.attributes.get(Attribute.XOR_RELAYED_ADDRESS), self._second_relayed)
        mask = _COOKIE_BYTES + self.transaction_id
        return [_read_address(value, mask) for value in values if value is not None]

    def plain_address(self, attribute: Attribute) -> Address | None:
        """Return the address in an attribute without XOR, or None; may raise BadPacket."""
        value = self.attributes.get(attribute)
        return None if value is None else _read_address(value, bytes(16))


def pack_xor_address(address: Address, transaction_id: bytes) -> bytes:
    """Return the value of an XOR-…-ADDRESS (RFC 8489 section 14.2); a scope is left out."""
    return _pack_address(address, _COOKIE_BYTES + transaction_id)


def pack_address(address: Address) -> bytes:
    """Return the value of ALTERNATE-SERVER (RFC 8489 section 14.15); a scope is left out."""
    return _pack_address(address, bytes(16))


def _pack_address(address: Address, mask: bytes) -> bytes:
    family, packed = _pack_host(address[0])
    masked_port = address[1] ^ int.from_bytes(mask[:2], "big")
    return struct.pack("!BBH", 0, family, masked_port) + _xor(packed, mask)


# A connection tells and hears the same addresses every few seconds for hours.
@lru_cache(maxsize=1024)
def _pack_host(host: str) -> tuple[int, bytes]:
    bare = split_scope(host)[0]
    if ":" in bare:
        return _FAMILY_IPV6, IPv6Address(bare).packed
    return _FAMILY_IPV4, IPv4Address(bare).packed


def pack_error_code(code: int, reason: str) -> bytes:
    """Return the value of ERROR-CODE (RFC 8489 section 14.8)."""
    return struct.pack("!HBB", 0, code // 100, code % 100) + reason.encode()


def pack_unknown_attributes(kinds: tuple[int, ...]) -> bytes:
    """Return the value of UNKNOWN-ATTRIBUTES (RFC 8489 section 14.13)."""
    return struct.pack(f"!{len(kinds)}H", *kinds)


def _read_address(value: bytes, mask: bytes) -> Address:
    family = value[1] if len(value) >= 4 else None
    port = int.from_bytes(value[2:4], "big") ^ int.from_bytes(mask[:2], "big")
    if family not in (_FAMILY_IPV4, _FAMILY_IPV6):
        raise BadPacket("an address attribute has no known family")
    return _read_host(family, _xor(value[4:], mask)), port


@lru_cache(maxsize=1024)
def _read_host(family: int, packed: bytes) -> str:
    try:
        return str(IPv4Address(packed) if family == _FAMILY_IPV4 else IPv6Address(packed))
    except AddressValueError as error:
        raise BadPacket("an address attribute has the wrong length") from error


def _xor(data: bytes, mask: bytes) -> bytes:
    if len(data) > len(mask):
        raise BadPacket("an address attribute has the wrong length")
    size = len(data)
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(mask[:size], "big")
    return mixed.to_bytes(size, "big")


def _with_length(data: bytes, following: int) -> bytes:
    """Return the message with the length it has once ``following`` more bytes are added."""
    return data[:2] + (len(data) - _HEADER_SIZE + following).to_bytes(2, "big") + data[4:]


def _fingerprint(data: bytes) -> int:
    return zlib.crc32(data) ^ _FINGERPRINT_XOR


def _check_fingerprint(data: bytes, value: bytes) -> None:
    if value != _fingerprint(_with_length(data, _FINGERPRINT_SIZE)).to_bytes(4, "big"):
        raise BadPacket("wrong FINGERPRINT")


def _method_of(message_type: int) -> int:
    """Take the twelve method bits out of the message type (RFC 8489 section 5)."""
    return message_type & 0xF | message_type >> 1 & 0x70 | message_type >> 2 & 0xF80


def _method_bits(method: int) -> int:
    return method & 0xF | (method & 0x70) << 1 | (method & 0xF80) << 2
