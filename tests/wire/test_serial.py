"""Serial number arithmetic wraps as RFC 1982 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.wire.serial import newer16, newer32, unwrap

U32 = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(
    ("number", "other", "expected"),
    [
        (1, 0, True),
        (0, 1, False),
        (0, 0, False),
        (0, 0xFFFF_FFFF, True),
        (0xFFFF_FFFF, 0, False),
        (0x7FFF_FFFF, 0, True),
        (0x8000_0000, 0, False),
        (0, 0x8000_0000, False),
    ],
)
def test_newer32(number: int, other: int, expected: bool) -> None:
    assert newer32(number, other) is expected


def test_newer16_wraps() -> None:
    assert newer16(0, 65535)
    assert not newer16(65535, 0)
    assert newer16(32767, 0)
    assert not newer16(32768, 0)


@given(U32, st.integers(1, 2**31 - 1))
def test_a_number_is_newer_than_what_it_was_added_to(number: int, step: int) -> None:
    later = (number + step) % 2**32
    assert newer32(later, number)
    assert not newer32(number, later)


@given(st.integers(0, 2**40), st.integers(-(2**31) + 1, 2**31 - 1))
def test_unwrap_finds_the_nearest_count(reference: int, distance: int) -> None:
    count = reference + distance
    assert unwrap(count % 2**32, reference) == count
