"""Randomness is an argument: a function from a length to that many random bytes."""

from collections.abc import Callable

__all__ = ["Entropy", "ice_string", "random_u32", "random_u64"]

Entropy = Callable[[int], bytes]
"""``secrets.token_bytes`` in production, ``random.Random(seed).randbytes`` in tests."""

_ICE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def random_u32(entropy: Entropy) -> int:
    """Return a random unsigned 32-bit number."""
    return int.from_bytes(entropy(4), "big")


def random_u64(entropy: Entropy) -> int:
    """Return a random unsigned 64-bit number."""
    return int.from_bytes(entropy(8), "big")


def ice_string(entropy: Entropy, length: int) -> str:
    """Return ``length`` random ice-chars, 6 bits of entropy each (RFC 8839 section 5.4)."""
    return "".join(_ICE_CHARS[byte & 63] for byte in entropy(length))
