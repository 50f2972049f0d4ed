"""STUN messages (RFC 8489) with the attributes ICE uses (RFC 8445 section 16).

A parsed message keeps the raw attribute values; the readers of :class:`StunMessage` decode them
on demand. Parsing and reading raise BadPacket and nothing else.
"""

import hmac
import struct
import zlib
from dataclasses import dataclass, field
from enum import IntEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final, Self

from purertc.errors import BadPacket
from purertc.wire.address import Address, split_scope

__all__ = [
    "BINDING",
    "UNDERSTOOD",
    "Attribute",
    "MessageClass",
    "StunMessage",
    "pack_error_code",
    "pack_unknown_attributes",
    "pack_xor_address",
]

BINDING: Final = 0x001
"""The one method ICE uses (RFC 8489 section 18.2)."""

_COOKIE: Final = 0x2112A442
_COOKIE_BYTES: Final = _COOKIE.to_bytes(4, "big")
_HEADER: Final = struct.Struct("!HHI12s")
_ATTRIBUTE: Final = struct.Struct("!HH")
_HEADER_SIZE: Final = 20
_INTEGRITY_SIZE: Final = 24
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
    """Attribute types (RFC 8489 section 18.3, RFC 8445 section 20.2)."""

    MAPPED_ADDRESS = 0x0001
    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    REALM = 0x0014
    NONCE = 0x0015
    MESSAGE_INTEGRITY_SHA256 = 0x001C
    XOR_MAPPED_ADDRESS = 0x0020
    PRIORITY = 0x0024
    USE_CANDIDATE = 0x0025
    SOFTWARE = 0x8022
    FINGERPRINT = 0x8028
    ICE_CONTROLLED = 0x8029
    ICE_CONTROLLING = 0x802A


UNDERSTOOD: Final = frozenset(attribute.value for attribute in Attribute)
"""The attribute types that do not make a message incomprehensible."""

_CLASS_BITS: Final = 0x0110
_CLASSES: Final = {member.value: member for member in MessageClass}


@dataclass(slots=True)
class StunMessage:
    """One STUN message.

    ``attributes`` maps an attribute type to its unpadded raw value, in message order, without
    MESSAGE-INTEGRITY and FINGERPRINT: :meth:`to_bytes` adds those. Of an attribute that occurs
    twice the first counts (RFC 8489 section 14).
    """

    message_class: MessageClass
    transaction_id: bytes
    attributes: dict[int, bytes] = field(default_factory=dict)
    method: int = BINDING
    _protected: bytes = b""
    _integrity: bytes | None = None

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
            if kind == Attribute.FINGERPRINT:
                if following != end:
                    raise BadPacket("FINGERPRINT is not the last attribute")
                _check_fingerprint(data[:position], value)
            elif kind == Attribute.MESSAGE_INTEGRITY:
                if self._integrity is None:
                    self._protected = _with_length(data[:position], _INTEGRITY_SIZE)
                    self._integrity = value
            # RFC 8489 section 14.5: what follows MESSAGE-INTEGRITY is not protected by it.
            elif self._integrity is None:
                self.attributes.setdefault(kind, value)
            position = following

    def to_bytes(self, key: bytes | None = None) -> bytes:
        """Return the datagram, with FINGERPRINT, and with MESSAGE-INTEGRITY if a key is given.

        ``key`` is the password of short-term credentials (RFC 8489 section 9.1.1).
        """
        body = b"".join(
            _ATTRIBUTE.pack(kind, len(value)) + value + bytes(-len(value) % 4)
            for kind, value in self.attributes.items()
        )
        data = (
            _HEADER.pack(
                _method_bits(self.method) | self.message_class,
                len(body),
                _COOKIE,
                self.transaction_id,
            )
            + body
        )
        if key is not None:
            data = _with_length(data, _INTEGRITY_SIZE)
            digest = hmac.digest(key, data, "sha1")
            data += _ATTRIBUTE.pack(Attribute.MESSAGE_INTEGRITY, len(digest)) + digest
        data = _with_length(data, _FINGERPRINT_SIZE)
        return data + struct.pack("!HHI", Attribute.FINGERPRINT, 4, _fingerprint(data))

    def has_integrity(self, key: bytes) -> bool:
        """Return whether the parsed message carries a MESSAGE-INTEGRITY made with ``key``.

        The comparison takes the same time wherever the digests differ.
        """
        if self._integrity is None:
            return False
        return hmac.compare_digest(self._integrity, hmac.digest(key, self._protected, "sha1"))

    def not_understood(self) -> tuple[int, ...]:
        """Return the comprehension-required attribute types we do not know (RFC 8489 s. 6.3.1)."""
        return tuple(
            kind for kind in self.attributes if kind < _FIRST_OPTIONAL and kind not in UNDERSTOOD
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
        value = self.attributes.get(Attribute.XOR_MAPPED_ADDRESS)
        if value is not None:
            return _read_address(value, _COOKIE_BYTES + self.transaction_id)
        value = self.attributes.get(Attribute.MAPPED_ADDRESS)
        return None if value is None else _read_address(value, bytes(16))


def pack_xor_address(address: Address, transaction_id: bytes) -> bytes:
    """Return the value of XOR-MAPPED-ADDRESS (RFC 8489 section 14.2); a scope is left out."""
    mask = _COOKIE_BYTES + transaction_id
    host, port = split_scope(address[0])[0], address[1]
    family, packed = (
        (_FAMILY_IPV6, IPv6Address(host).packed)
        if ":" in host
        else (_FAMILY_IPV4, IPv4Address(host).packed)
    )
    return struct.pack("!BBH", 0, family, port ^ _COOKIE >> 16) + _xor(packed, mask)


def pack_error_code(code: int, reason: str) -> bytes:
    """Return the value of ERROR-CODE (RFC 8489 section 14.8)."""
    return struct.pack("!HBB", 0, code // 100, code % 100) + reason.encode()


def pack_unknown_attributes(kinds: tuple[int, ...]) -> bytes:
    """Return the value of UNKNOWN-ATTRIBUTES (RFC 8489 section 14.13)."""
    return struct.pack(f"!{len(kinds)}H", *kinds)


def _read_address(value: bytes, mask: bytes) -> Address:
    family = value[1] if len(value) >= 4 else None
    port = int.from_bytes(value[2:4], "big") ^ int.from_bytes(mask[:2], "big")
    try:
        if family == _FAMILY_IPV4:
            return str(IPv4Address(_xor(value[4:], mask))), port
        if family == _FAMILY_IPV6:
            return str(IPv6Address(_xor(value[4:], mask))), port
    except AddressValueError as error:
        raise BadPacket("an address attribute has the wrong length") from error
    raise BadPacket("an address attribute has no known family")


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
