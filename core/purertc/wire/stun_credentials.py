"""The long-term credential mechanism of STUN (RFC 8489 section 9.2): keys and challenges."""

import base64
import binascii
import hashlib
import struct
import unicodedata
from enum import IntEnum, IntFlag
from typing import Final

from purertc.errors import BadPacket

__all__ = [
    "PasswordAlgorithm",
    "SecurityFeatures",
    "long_term_key",
    "pack_password_algorithms",
    "read_password_algorithms",
    "security_features",
    "user_hash",
]

_NONCE_COOKIE: Final = b"obMatJos2"
_ALGORITHM: Final = struct.Struct("!HH")


class PasswordAlgorithm(IntEnum):
    """How the key is made of a password (RFC 8489 section 18.5)."""

    MD5 = 1
    SHA256 = 2


class SecurityFeatures(IntFlag):
    """What a server announces in its nonce (RFC 8489 section 18.1); bit 0 is the leftmost."""

    PASSWORD_ALGORITHMS = 1 << 23
    USERNAME_ANONYMITY = 1 << 22


def long_term_key(
    username: str, realm: bytes, password: str, algorithm: PasswordAlgorithm
) -> bytes:
    """Return the key for MESSAGE-INTEGRITY (RFC 8489 section 9.2.2): 16 or 32 bytes.

    ``realm`` is taken as the server sent it.
    """
    text = b":".join((_opaque(username), realm, _opaque(password)))
    if algorithm is PasswordAlgorithm.SHA256:
        return hashlib.sha256(text).digest()
    return hashlib.md5(text, usedforsecurity=False).digest()


def user_hash(username: str, realm: bytes) -> bytes:
    """Return the value of USERHASH (RFC 8489 section 14.4)."""
    return hashlib.sha256(_opaque(username) + b":" + realm).digest()


def security_features(nonce: bytes) -> SecurityFeatures:
    """Return what the nonce announces; nothing when it does not begin as RFC 8489 says."""
    start = len(_NONCE_COOKIE)
    if not nonce.startswith(_NONCE_COOKIE):
        return SecurityFeatures(0)
    try:
        bits = base64.b64decode(nonce[start : start + 4], validate=True)
    except (binascii.Error, ValueError):
        return SecurityFeatures(0)
    known = SecurityFeatures.PASSWORD_ALGORITHMS | SecurityFeatures.USERNAME_ANONYMITY
    return SecurityFeatures(int.from_bytes(bits, "big") & known if len(bits) == 3 else 0)


def pack_password_algorithms(algorithms: tuple[PasswordAlgorithm, ...]) -> bytes:
    """Return the value of PASSWORD-ALGORITHMS, or with one of PASSWORD-ALGORITHM."""
    return b"".join(_ALGORITHM.pack(algorithm, 0) for algorithm in algorithms)


def read_password_algorithms(value: bytes) -> tuple[int, ...]:
    """Return the numbers in PASSWORD-ALGORITHMS (RFC 8489 section 14.11), the favourite first.

    Raises BadPacket when it is malformed.
    """
    numbers = []
    position = 0
    while position < len(value):
        if position + 4 > len(value):
            raise BadPacket("malformed PASSWORD-ALGORITHMS")
        number, size = _ALGORITHM.unpack_from(value, position)
        position += 4 + size + (-size % 4)
        if position > len(value):
            raise BadPacket("malformed PASSWORD-ALGORITHMS")
        numbers.append(number)
    return tuple(numbers)


def _opaque(text: str) -> bytes:
    """Apply the OpaqueString profile (RFC 8265 section 4.2.2): plain spaces, composed form."""
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in text)
    return unicodedata.normalize("NFC", spaced).encode()
