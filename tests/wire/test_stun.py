"""Building STUN messages and reading them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import BadPacket
from purertc.wire.stun import (
    Attribute,
    MessageClass,
    StunMessage,
    pack_error_code,
    pack_unknown_attributes,
    pack_xor_address,
)

TRANSACTION_ID = bytes(range(12))
KEY = b"the password"


def through_the_wire(
    attributes: dict[int, bytes], message_class: MessageClass = MessageClass.REQUEST
) -> StunMessage:
    return StunMessage.parse(StunMessage(message_class, TRANSACTION_ID, attributes).to_bytes(KEY))


@given(
    message_class=st.sampled_from(MessageClass),
    method=st.integers(0, 0xFFF),
    transaction_id=st.binary(min_size=12, max_size=12),
    attributes=st.dictionaries(
        st.integers(0, 0xFFFF).filter(
            lambda kind: (
                kind
                not in (
                    Attribute.MESSAGE_INTEGRITY,
                    Attribute.MESSAGE_INTEGRITY_SHA256,
                    Attribute.FINGERPRINT,
                )
            )
        ),
        st.binary(max_size=40),
        max_size=8,
    ),
    key=st.none() | st.binary(max_size=40),
)
def test_round_trip(
    message_class: MessageClass,
    method: int,
    transaction_id: bytes,
    attributes: dict[int, bytes],
    key: bytes | None,
) -> None:
    sent = StunMessage(message_class, transaction_id, attributes, method)

    received = StunMessage.parse(sent.to_bytes(key))

    assert received.message_class is message_class
    assert received.method == method
    assert received.transaction_id == transaction_id
    assert received.attributes == attributes
    assert key is None or received.has_integrity(key)
    assert not received.has_integrity(b"-" + (key or b""))


@pytest.mark.parametrize(
    "address",
    [("192.0.2.1", 1), ("2001:db8::1", 65535), ("0.0.0.0", 0), ("::", 0), ("fe80::1", 5000)],
)
def test_mapped_address(address: tuple[str, int]) -> None:
    value = pack_xor_address(address, TRANSACTION_ID)

    assert through_the_wire({Attribute.XOR_MAPPED_ADDRESS: value}).mapped_address() == address


def test_scope_stays_on_this_machine() -> None:
    value = pack_xor_address(("fe80::1%eth0", 5000), TRANSACTION_ID)

    message = through_the_wire({Attribute.XOR_MAPPED_ADDRESS: value})

    assert message.mapped_address() == ("fe80::1", 5000)


def test_plain_mapped_address_is_read_too() -> None:
    value = bytes.fromhex("0001 1388 c0000201")

    message = through_the_wire({Attribute.MAPPED_ADDRESS: value})

    assert message.mapped_address() == ("192.0.2.1", 5000)


def test_error_code() -> None:
    message = through_the_wire({Attribute.ERROR_CODE: pack_error_code(487, "Role Conflict")})

    assert message.error_code() == (487, "Role Conflict")


def test_unknown_attributes() -> None:
    message = through_the_wire({Attribute.UNKNOWN_ATTRIBUTES: pack_unknown_attributes((3, 0x7FFF))})

    assert message.unknown_attributes() == (3, 0x7FFF)


def test_absent_attributes_read_as_none() -> None:
    message = through_the_wire({})

    assert message.unsigned(Attribute.PRIORITY, 4) is None
    assert message.text(Attribute.USERNAME) is None
    assert message.error_code() is None
    assert message.mapped_address() is None
    assert message.unknown_attributes() == ()


def test_only_required_attributes_must_be_understood() -> None:
    message = through_the_wire({0x0003: b"", 0x7FFE: b"x", 0x8000: b"", 0xC057: b"\0\1\2\3"})

    assert message.not_understood() == (0x0003, 0x7FFE)


def test_first_of_two_equal_attributes_counts() -> None:
    body = bytes.fromhex("00240004 00000001 00240004 00000002")
    header = bytes.fromhex("0001") + len(body).to_bytes(2, "big") + bytes.fromhex("2112a442")

    message = StunMessage.parse(header + TRANSACTION_ID + body)

    assert message.unsigned(Attribute.PRIORITY, 4) == 1


def test_what_follows_integrity_is_ignored() -> None:
    signed = StunMessage(MessageClass.REQUEST, TRANSACTION_ID).to_bytes(KEY)[:-8]
    smuggled = bytes.fromhex("00250000")
    data = signed[:2] + (len(signed) - 20 + 4).to_bytes(2, "big") + signed[4:] + smuggled

    message = StunMessage.parse(data)

    assert message.has_integrity(KEY)
    assert Attribute.USE_CANDIDATE not in message.attributes


def test_fingerprint_must_be_last() -> None:
    data = StunMessage(MessageClass.REQUEST, TRANSACTION_ID).to_bytes()
    longer = data[:2] + (12).to_bytes(2, "big") + data[4:] + bytes.fromhex("80220000")

    with pytest.raises(BadPacket, match="last"):
        StunMessage.parse(longer)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        (Attribute.PRIORITY, b"\0\0\1"),
        (Attribute.ICE_CONTROLLING, b"\0" * 4),
    ],
)
def test_number_of_wrong_length(attribute: Attribute, value: bytes) -> None:
    message = through_the_wire({attribute: value})

    with pytest.raises(BadPacket, match=attribute.name):
        message.unsigned(attribute, 8 if attribute is Attribute.ICE_CONTROLLING else 4)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\0\1\0",
        bytes(4),
        b"\0\1" + bytes(4),
        b"\0\1" + bytes(19),
        b"\0\2" + bytes(30),
        b"\0\3" + bytes(6),
    ],
)
def test_malformed_address(value: bytes) -> None:
    message = through_the_wire({Attribute.XOR_MAPPED_ADDRESS: value})

    with pytest.raises(BadPacket, match="address"):
        message.mapped_address()


@pytest.mark.parametrize("value", [b"", b"\0\0\4", b"\0\0\2\0", b"\0\0\4\x64"])
def test_malformed_error_code(value: bytes) -> None:
    with pytest.raises(BadPacket, match="ERROR-CODE"):
        through_the_wire({Attribute.ERROR_CODE: value}).error_code()


def test_text_that_is_not_utf8() -> None:
    with pytest.raises(BadPacket, match="USERNAME"):
        through_the_wire({Attribute.USERNAME: b"\xff\xfe"}).text(Attribute.USERNAME)
