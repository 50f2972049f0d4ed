"""Fingerprints of certificates: making them and checking them (RFC 8122)."""

import hashlib
from collections.abc import Sequence

from purertc.sansio.types import Fingerprint

__all__ = ["HASH_FUNCTIONS", "certificate_matches", "fingerprint_of", "has_supported"]

HASH_FUNCTIONS = {
    "sha-256": hashlib.sha256,
    "sha-384": hashlib.sha384,
    "sha-512": hashlib.sha512,
}
"""Name in SDP → function, from the least to the most preferred."""


def fingerprint_of(certificate: bytes, algorithm: str) -> Fingerprint:
    """Return the fingerprint of a DER certificate. ``algorithm`` is a key of HASH_FUNCTIONS."""
    digest = HASH_FUNCTIONS[algorithm](certificate).digest()
    return Fingerprint(algorithm, digest.hex(":").upper())


def has_supported(fingerprints: Sequence[Fingerprint]) -> bool:
    """Whether one of the fingerprints uses a hash function that can be checked."""
    return any(item.algorithm.lower() in HASH_FUNCTIONS for item in fingerprints)


def certificate_matches(certificate: bytes, fingerprints: Sequence[Fingerprint]) -> bool:
    """Whether a DER certificate is one of those the fingerprints stand for.

    RFC 8122 section 5: of the hash functions offered only the most preferred one counts, and
    several fingerprints with that function stand for several certificates.
    """
    for algorithm in reversed(HASH_FUNCTIONS):
        values = {
            item.value.upper() for item in fingerprints if item.algorithm.lower() == algorithm
        }
        if values:
            return fingerprint_of(certificate, algorithm).value in values
    return False
