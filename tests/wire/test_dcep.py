"""DATA_CHANNEL_OPEN and DATA_CHANNEL_ACK: bytes, limits, bad input (RFC 8832)."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import BadPacket
from purertc.wire.dcep import DataChannelAck, DataChannelOpen, parse_dcep

UNSIGNED_32 = st.integers(0, 2**32 - 1)
OPENS = st.builds(
    DataChannelOpen,
    label=st.text(max_size=50),
    protocol=st.text(max_size=50),
    ordered=st.booleans(),
    priority=st.integers(0, 65535),
    max_retransmits=st.none() | UNSIGNED_32,
) | st.builds(
    DataChannelOpen,
    label=st.text(max_size=50),
    ordered=st.booleans(),
    max_packet_life_time=UNSIGNED_32,
)


def open_bytes(
    *, kind: int = 0, parameter: int = 0, label: bytes = b"", protocol: bytes = b"", more: int = 0
) -> bytes:
    """A DATA_CHANNEL_OPEN; ``more`` is added to the length of the label."""
    header = struct.pack("!BBHIHH", 3, kind, 256, parameter, len(label) + more, len(protocol))
    return header + label + protocol


@given(OPENS)
def test_open_comes_back_as_it_was(message: DataChannelOpen) -> None:
    assert parse_dcep(bytes(message)) == message


def test_ack_is_one_byte() -> None:
    assert bytes(DataChannelAck()) == b"\x02"
    assert parse_dcep(b"\x02") == DataChannelAck()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (0x00, DataChannelOpen(priority=256)),
        (0x80, DataChannelOpen(priority=256, ordered=False)),
        (0x01, DataChannelOpen(priority=256, max_retransmits=7)),
        (0x81, DataChannelOpen(priority=256, ordered=False, max_retransmits=7)),
        (0x02, DataChannelOpen(priority=256, max_packet_life_time=7)),
        (0x82, DataChannelOpen(priority=256, ordered=False, max_packet_life_time=7)),
    ],
)
def test_every_channel_type(kind: int, expected: DataChannelOpen) -> None:
    assert parse_dcep(open_bytes(kind=kind, parameter=7)) == expected
    assert bytes(expected)[1] == kind


def test_zero_is_a_limit_too() -> None:
    assert bytes(DataChannelOpen(max_retransmits=0))[1] == 0x01
    assert bytes(DataChannelOpen(max_packet_life_time=0))[1] == 0x02


def test_lengths_are_bytes_of_utf_8() -> None:
    data = bytes(DataChannelOpen(label="héé ü", protocol="日本"))
    assert struct.unpack_from("!HH", data, 8) == (8, 6)
    assert data[12:] == "héé ü日本".encode()


def test_the_longest_label_and_protocol() -> None:
    message = DataChannelOpen(label="a" * 65535, protocol="ü" * 32767)
    assert parse_dcep(bytes(message)) == message


def test_bytes_behind_the_message_are_ignored() -> None:
    assert parse_dcep(open_bytes(label=b"x") + b"more") == DataChannelOpen("x", priority=256)
    assert parse_dcep(b"\x02\x00") == DataChannelAck()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x01",
        b"\x04" + bytes(20),
        b"\x03",
        open_bytes()[:11],
        open_bytes(label=b"abc", more=1),
        open_bytes(label=b"abc", protocol=b"def")[:-1],
        open_bytes(label=b"\xff\xfe"),
        open_bytes(protocol=b"\xc3"),
        open_bytes(label="ü".encode(), more=-1),
        open_bytes(kind=0x03),
        open_bytes(kind=0x83),
        open_bytes(kind=0x40),
    ],
)
def test_bad_bytes(data: bytes) -> None:
    with pytest.raises(BadPacket):
        parse_dcep(data)


@given(st.binary(max_size=40) | st.binary(max_size=40).map(lambda tail: b"\x03" + tail))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    with contextlib.suppress(BadPacket):
        parse_dcep(data)
