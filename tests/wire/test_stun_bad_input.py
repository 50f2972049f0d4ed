"""Bytes from the network raise BadPacket and nothing else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import BadPacket
from purertc.wire.stun import (
    Attribute,
    MessageClass,
    StunMessage,
    pack_error_code,
    pack_xor_address,
)

HEADER = bytes.fromhex("0001 0000 2112a442") + bytes(12)
GOOD = StunMessage(
    MessageClass.ERROR,
    bytes(12),
    {
        Attribute.USERNAME: b"us:them",
        Attribute.PRIORITY: b"\0\0\0\1",
        Attribute.ERROR_CODE: pack_error_code(420, "Unknown Attribute"),
        Attribute.XOR_MAPPED_ADDRESS: pack_xor_address(("192.0.2.1", 5000), bytes(12)),
    },
).to_bytes(b"key")


def read_everything(data: bytes) -> None:
    with contextlib.suppress(BadPacket):
        message = StunMessage.parse(data)
        message.has_integrity(b"key")
        message.not_understood()
        for read in (message.mapped_address, message.error_code, message.unknown_attributes):
            with contextlib.suppress(BadPacket):
                read()
        for attribute in Attribute:
            with contextlib.suppress(BadPacket):
                message.unsigned(attribute, 4)
            with contextlib.suppress(BadPacket):
                message.text(attribute)


@given(st.binary(max_size=200))
def test_random_bytes(data: bytes) -> None:
    read_everything(data)


@given(st.binary(max_size=100).map(lambda body: body + bytes(-len(body) % 4)))
def test_random_attributes(body: bytes) -> None:
    read_everything(HEADER[:2] + len(body).to_bytes(2, "big") + HEADER[4:] + body)


@given(
    st.dictionaries(st.sampled_from(Attribute).map(int), st.binary(max_size=30), max_size=6),
    st.sampled_from(MessageClass),
)
def test_known_attributes_with_random_values(
    attributes: dict[int, bytes], message_class: MessageClass
) -> None:
    read_everything(StunMessage(message_class, bytes(12), attributes).to_bytes(b"key"))


@given(st.integers(0, len(GOOD) - 1))
def test_truncated(size: int) -> None:
    with pytest.raises(BadPacket):
        StunMessage.parse(GOOD[:size])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEADER[:19],
        b"\x80" + HEADER[1:],
        b"\x40" + HEADER[1:],
        HEADER[:4] + bytes(4) + HEADER[8:],
        HEADER + bytes(4),
        HEADER[:2] + b"\0\3" + HEADER[4:] + bytes(3),
        HEADER[:2] + b"\0\4" + HEADER[4:] + b"\0\6\0\1",
        HEADER[:2] + b"\0\4" + HEADER[4:] + b"\0\6\xff\xff",
    ],
)
def test_no_stun_message(data: bytes) -> None:
    with pytest.raises(BadPacket):
        StunMessage.parse(data)
