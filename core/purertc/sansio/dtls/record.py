"""DTLS records as they lie in datagrams: splitting, screening, numbering and packing.

RFC 6347 section 4.1. Nothing is decrypted here.
"""

from collections.abc import Iterable
from typing import Final

__all__ = [
    "ALERT",
    "APPLICATION_DATA",
    "CHANGE_CIPHER_SPEC",
    "HANDSHAKE",
    "HEADER_SIZE",
    "epoch_of",
    "is_plausible_handshake",
    "is_protected",
    "pack_records",
    "renumber",
    "sequence_of",
    "split_records",
]

CHANGE_CIPHER_SPEC: Final = 20
ALERT: Final = 21
HANDSHAKE: Final = 22
APPLICATION_DATA: Final = 23

HEADER_SIZE: Final = 13
_MAX_FRAGMENT: Final = 2**14 + 256
_FRAGMENT_HEADER_SIZE: Final = 12
_MAX_HANDSHAKE_MESSAGE: Final = 2**16
_HANDSHAKE_TYPES: Final = frozenset({0, 1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 20, 22})


def split_records(datagram: bytes) -> list[bytes] | None:
    """Return the records of a datagram, or None when it is not made of DTLS 1.x records."""
    records = []
    position, end = 0, len(datagram)
    while position < end:
        body = position + HEADER_SIZE
        if body > end:
            return None
        length = datagram[body - 2] << 8 | datagram[body - 1]
        if (
            not CHANGE_CIPHER_SPEC <= datagram[position] <= APPLICATION_DATA
            or datagram[position + 1] != 0xFE
            or datagram[position + 2] not in {0xFF, 0xFD}
            or length > _MAX_FRAGMENT
            or body + length > end
        ):
            return None
        records.append(datagram[position : body + length])
        position = body + length
    return records


def epoch_of(record: bytes) -> int:
    """Return the epoch: 0 is plaintext, 1 protected by the keys of the handshake."""
    return record[3] << 8 | record[4]


def sequence_of(record: bytes) -> int:
    """Return the number of a record in its epoch."""
    return int.from_bytes(record[5:11], "big")


def is_protected(record: bytes) -> bool:
    """Whether a record claims DTLS 1.2 and the keys of the handshake.

    OpenSSL loses its place in a batch at a record of another version.
    """
    return record[1:5] == b"\xfe\xfd\x00\x01"


def is_plausible_handshake(record: bytes) -> bool:
    """Whether a plaintext handshake record holds well-formed fragments (RFC 6347 section 4.2.2).

    Anyone can send such records, and a malformed one would end the handshake of a TLS library.
    """
    position, end = HEADER_SIZE, len(record)
    while position < end:
        body = position + _FRAGMENT_HEADER_SIZE
        if body > end:
            return False
        message_length = int.from_bytes(record[position + 1 : position + 4], "big")
        offset = int.from_bytes(record[position + 6 : position + 9], "big")
        length = int.from_bytes(record[position + 9 : body], "big")
        if (
            record[position] not in _HANDSHAKE_TYPES
            or message_length > _MAX_HANDSHAKE_MESSAGE
            or offset + length > message_length
            or body + length > end
            or (length == 0 and message_length > 0)
        ):
            return False
        position = body + length
    return end > HEADER_SIZE


def renumber(record: bytes, sequence: int) -> bytes:
    """Return a plaintext record with another sequence number."""
    return record[:5] + sequence.to_bytes(6, "big") + record[11:]


def pack_records(records: Iterable[bytes], limit: int) -> list[bytes]:
    """Put records into as few datagrams of at most ``limit`` bytes as their order allows."""
    datagrams: list[bytes] = []
    current: list[bytes] = []
    size = 0
    for record in records:
        if current and size + len(record) > limit:
            datagrams.append(b"".join(current))
            current, size = [], 0
        current.append(record)
        size += len(record)
    if current:
        datagrams.append(b"".join(current))
    return datagrams
