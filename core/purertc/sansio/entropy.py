"""Randomness is an argument: a function from a length to that many random bytes."""

from collections.abc import Callable

__all__ = ["Entropy", "ice_string", "random_u32", "random_u64", "random_uuid"]

Entropy = Callable[[int], bytes]
"""``secrets.token_bytes`` in production, ``random.Random(seed).randbytes`` in tests."""

_ICE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def random_u32(entropy: Entropy) -> int:
    """Return a random unsigned 32-bit number."""
    return int.from_bytes(entropy(4), "big")


def random_u64(entropy: Entropy) -> int:
    """Return a random unsigned 64-bit number."""
    return int.from_bytes(entropy(8), "big")


def random_uuid(entropy: Entropy) -> str:
    """Return a random UUID, version 4 (RFC 9562 section 5.4)."""
    value = bytearray(entropy(16))
    value[6] = value[6] & 0x0F | 0x40
    value[8] = value[8] & 0x3F | 0x80
    digits = value.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def ice_string(entropy: Entropy, length: int) -> str:
    """Return ``length`` random ice-chars, 6 bits of entropy each (RFC 8839 section 5.4)."""
    return "".join(_ICE_CHARS[byte & 63] for byte in entropy(length))
