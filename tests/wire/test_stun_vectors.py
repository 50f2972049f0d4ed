"""The messages of RFC 5769 sections 2.1 to 2.3."""

import pytest

from purertc.errors import BadPacket
from purertc.wire.stun import BINDING, Attribute, MessageClass, StunMessage

PASSWORD = b"VOkJxbRl1RmTxUk/WvJxBt"
TRANSACTION_ID = bytes.fromhex("b7e7a701bc34d686fa87dfae")

REQUEST = bytes.fromhex(
    "00010058 2112a442 b7e7a701bc34d686fa87dfae"
    "80220010 5354554e207465737420636c69656e74"
    "00240004 6e0001ff"
    "80290008 932ff9b151263b36"
    "00060009 6576746a3a68367659202020"
    "00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004 e57a3bcf"
)
RESPONSE_V4 = bytes.fromhex(
    "0101003c 2112a442 b7e7a701bc34d686fa87dfae"
    "8022000b 7465737420766563746f7220"
    "00200008 0001a147e112a643"
    "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004 c07d4c96"
)
RESPONSE_V6 = bytes.fromhex(
    "01010048 2112a442 b7e7a701bc34d686fa87dfae"
    "8022000b 7465737420766563746f7220"
    "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004 c8fb0b4c"
)


def test_request() -> None:
    message = StunMessage.parse(REQUEST)

    assert message.message_class is MessageClass.REQUEST
    assert message.method == BINDING
    assert message.transaction_id == TRANSACTION_ID
    assert message.text(Attribute.SOFTWARE) == "STUN test client"
    assert message.text(Attribute.USERNAME) == "evtj:h6vY"
    assert message.unsigned(Attribute.PRIORITY, 4) == 0x6E0001FF
    assert message.unsigned(Attribute.ICE_CONTROLLED, 8) == 0x932FF9B151263B36
    assert message.has_integrity(PASSWORD)
    assert not message.has_integrity(b"another password")


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (RESPONSE_V4, ("192.0.2.1", 32853)),
        (RESPONSE_V6, ("2001:db8:1234:5678:11:2233:4455:6677", 32853)),
    ],
    ids=["IPv4", "IPv6"],
)
def test_response(data: bytes, address: tuple[str, int]) -> None:
    message = StunMessage.parse(data)

    assert message.message_class is MessageClass.SUCCESS
    assert message.text(Attribute.SOFTWARE) == "test vector"
    assert message.mapped_address() == address
    assert message.has_integrity(PASSWORD)


@pytest.mark.parametrize(
    "data", [REQUEST, RESPONSE_V4, RESPONSE_V6], ids=["request", "IPv4 response", "IPv6 response"]
)
def test_every_flipped_bit_is_noticed(data: bytes) -> None:
    for position in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[position // 8] ^= 1 << position % 8
        try:
            message = StunMessage.parse(bytes(flipped))
        except BadPacket:
            continue
        # A changed length can hide FINGERPRINT in another attribute, never the wrong digest.
        assert position // 8 >= len(data) - 8 or not message.has_integrity(PASSWORD)
