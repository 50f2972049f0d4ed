"""Serial number arithmetic (RFC 1982): numbers that wrap around."""

from typing import Final

__all__ = ["SERIAL_MASK", "newer16", "newer32", "unwrap"]

SERIAL_MASK: Final = 0xFFFF_FFFF
_HALF: Final = 0x8000_0000
_SPAN: Final = 0x1_0000_0000


def newer32(number: int, other: int) -> bool:
    """Whether 32-bit ``number`` comes after ``other`` (RFC 1982 section 3.2).

    Of two numbers half the range apart, for which the RFC defines no order, neither is newer.
    """
    return 0 < (number - other) & SERIAL_MASK < _HALF


def newer16(number: int, other: int) -> bool:
    """Whether 16-bit ``number`` comes after ``other`` (RFC 1982 section 3.2)."""
    return 0 < (number - other) & 0xFFFF < 0x8000


def unwrap(number: int, reference: int) -> int:
    """Return the count nearest to ``reference`` whose low 32 bits are ``number``.

    ``reference`` is a count that does not wrap; the result may be negative.
    """
    distance = (number - reference) & SERIAL_MASK
    return reference + (distance - _SPAN if distance >= _HALF else distance)
