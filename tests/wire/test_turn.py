"""ChannelData and indications: known bytes, round trips, bad input."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import BadPacket
from purertc.wire.stun import DATA, SEND, Attribute, MessageClass, StunMessage
from purertc.wire.turn import (
    AddressFamily,
    pack_channel_data,
    pack_channel_number,
    pack_channel_run,
    pack_data_indication,
    pack_family,
    pack_send_indication,
    parse_channel_data,
)


def test_channel_data_bytes() -> None:
    assert pack_channel_data(0x4001, b"abc", padded=False) == b"\x40\x01\x00\x03abc"
    assert pack_channel_data(0x4001, b"abc", padded=True) == b"\x40\x01\x00\x03abc\0"
    assert pack_channel_data(0x4001, b"abcd", padded=True) == b"\x40\x01\x00\x04abcd"
    assert pack_channel_data(0x4FFF, b"", padded=True) == b"\x4f\xff\x00\x00"


def test_attribute_values() -> None:
    assert pack_channel_number(0x4ABC) == b"\x4a\xbc\0\0"
    assert pack_family(AddressFamily.IPV6) == b"\2\0\0\0"


@given(st.integers(0x4000, 0x4FFF), st.binary(max_size=50), st.booleans())
def test_channel_data_round_trip(number: int, payload: bytes, padded: bool) -> None:
    assert parse_channel_data(pack_channel_data(number, payload, padded=padded)) == (
        number,
        payload,
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"\x40", b"\x40\x01\x00", b"\x40\x01\x00\x01", b"\x40\x01\x00\x01abcde"],
)
def test_a_lying_length_is_refused(data: bytes) -> None:
    with pytest.raises(BadPacket, match="ChannelData"):
        parse_channel_data(data)


@given(st.binary(max_size=40))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    with contextlib.suppress(BadPacket):
        number, payload = parse_channel_data(data)
        assert data.startswith(pack_channel_data(number, payload, padded=False))


@given(st.binary(min_size=1, max_size=60), st.integers(1, 70), st.booleans())
def test_a_run_is_the_sum_of_its_segments(
    payload: bytes,
    segment_size: int,
    padded: bool,
) -> None:
    segments = [
        payload[start : start + segment_size] for start in range(0, len(payload), segment_size)
    ]
    run = pack_channel_run(0x4000, payload, segment_size, padded=padded)
    assert run == b"".join(pack_channel_data(0x4000, each, padded=padded) for each in segments)


@pytest.mark.parametrize("peer", [("203.0.113.1", 5000), ("2001:db8::1", 65535)])
@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 1200])
def test_indications_are_stun_messages(peer: tuple[str, int], size: int) -> None:
    transaction_id = bytes(range(12))
    for pack, method in ((pack_send_indication, SEND), (pack_data_indication, DATA)):
        message = StunMessage.parse(pack(transaction_id, peer, bytes(size)))
        assert message.message_class is MessageClass.INDICATION
        assert message.method == method
        assert message.transaction_id == transaction_id
        assert message.xor_address(Attribute.XOR_PEER_ADDRESS) == peer
        assert message.attributes[Attribute.DATA] == bytes(size)
