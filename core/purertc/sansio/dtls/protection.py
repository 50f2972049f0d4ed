"""The keys of a DTLS 1.2 session and the ciphers that use them (RFC 5246, RFC 5288, RFC 7905)."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

__all__ = ["Aead", "Protection", "SessionSecrets", "protections"]


class Aead(Protocol):
    """A cipher with its key: authenticated encryption with associated data."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return the plaintext; raises InvalidTag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSecrets:
    """What a handshake settled. ``cipher`` is OpenSSL's name of the cipher suite."""

    cipher: str
    master_secret: bytes
    client_random: bytes
    server_random: bytes


@dataclass(frozen=True, slots=True)
class Protection:
    """One direction: ``iv`` is the fixed part of each nonce.

    With ``explicit_nonce`` the other part travels in each record (RFC 5288 section 3), without
    it is mixed in from the sequence number (RFC 7905 section 2).
    """

    aead: Aead
    iv: bytes
    explicit_nonce: bool


@dataclass(frozen=True, slots=True)
class _Suite:
    cipher: Callable[[bytes], Aead]
    key_size: int
    iv_size: int
    explicit_nonce: bool
    hash: str


_SUITES = {
    "AES128-GCM-SHA256": _Suite(AESGCM, 16, 4, True, "sha256"),
    "AES256-GCM-SHA384": _Suite(AESGCM, 32, 4, True, "sha384"),
    "CHACHA20-POLY1305": _Suite(ChaCha20Poly1305, 32, 12, False, "sha256"),
}


def protections(secrets: SessionSecrets) -> tuple[Protection, Protection]:
    """Return what the client protects its records with, and what the server does.

    RFC 5246 section 6.3. Raises KeyError for a cipher suite that is not offered here.
    """
    suite = _SUITES[secrets.cipher.split("-", 2)[2]]
    keys, ivs = 2 * suite.key_size, 2 * suite.iv_size
    block = _prf(
        secrets.master_secret,
        b"key expansion" + secrets.server_random + secrets.client_random,
        keys + ivs,
        suite.hash,
    )
    client_key, server_key = block[: suite.key_size], block[suite.key_size : keys]
    client_iv, server_iv = block[keys : keys + suite.iv_size], block[keys + suite.iv_size :]
    return (
        Protection(suite.cipher(client_key), client_iv, suite.explicit_nonce),
        Protection(suite.cipher(server_key), server_iv, suite.explicit_nonce),
    )


def _prf(secret: bytes, seed: bytes, size: int, hash_name: str) -> bytes:
    """RFC 5246 section 5; ``seed`` begins with the label."""
    output, chain = b"", seed
    while len(output) < size:
        chain = hmac.digest(secret, chain, hash_name)
        output += hmac.digest(secret, chain + seed, hash_name)
    return output[:size]
