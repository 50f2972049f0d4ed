"""Keys of the long-term credential mechanism: vectors of RFC 8489, and what servers announce."""

import base64
import contextlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import BadPacket
from purertc.wire.stun import Attribute, MessageClass, StunMessage
from purertc.wire.stun_credentials import (
    PasswordAlgorithm,
    SecurityFeatures,
    long_term_key,
    pack_password_algorithms,
    read_password_algorithms,
    security_features,
    user_hash,
)

MATRIX = "\u30de\u30c8\u30ea\u30c3\u30af\u30b9"

RFC_8489_B_1 = bytes.fromhex(
    "00010090 2112a442 78ad3433c6ad72c029da412e"
    "001e0020 4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704"
    "00150029 6f624d61744a6f7332414141 43662f2f3439396b39353464364f4c33"
    "346f4c394653547679363473 41000000"
    "0014000b 6578616d706c652e6f726700"
    "001d0004 00020000"
    "001c0020 b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65"
)
"""The sample request of appendix B.1, as its erratum corrects it."""


def test_key_of_rfc_8489_section_9_2_2() -> None:
    key = long_term_key("user", b"realm", "pass", PasswordAlgorithm.MD5)
    assert key == bytes.fromhex("8493fbc53ba582fb4c044c456bdc40eb")


def test_sample_request_with_sha256_and_userhash() -> None:
    message = StunMessage.parse(RFC_8489_B_1)
    key = long_term_key(MATRIX, b"example.org", "TheMatrIX", PasswordAlgorithm.SHA256)
    assert message.attributes[Attribute.USERHASH] == user_hash(MATRIX, b"example.org")
    assert message.has_integrity(key, sha256=True)
    assert not message.has_integrity(key)
    assert not message.has_integrity(key[1:], sha256=True)


def test_passwords_are_composed_and_spaces_plain() -> None:
    def key(password: str) -> bytes:
        return long_term_key("user", b"realm", password, PasswordAlgorithm.MD5)

    assert key("Amelie\u0301 x") == key("Ameli\u00e9\u00a0x")
    assert key("x") != key("X")


@pytest.mark.parametrize("sha256", [False, True])
def test_messages_are_signed_and_checked(*, sha256: bool) -> None:
    data = StunMessage(MessageClass.REQUEST, bytes(12), {Attribute.REALM: b"realm"}).to_bytes(
        b"key", sha256=sha256
    )
    message = StunMessage.parse(data)
    assert message.attributes == {Attribute.REALM: b"realm"}
    assert message.has_integrity(b"key", sha256=sha256)
    assert not message.has_integrity(b"key", sha256=not sha256)
    assert not message.has_integrity(b"other", sha256=sha256)


@pytest.mark.parametrize(("size", "valid"), [(12, False), (16, True), (28, True), (36, False)])
def test_shortened_integrity(size: int, *, valid: bool) -> None:
    # RFC 8489 section 14.6: 16 to 32 bytes, a multiple of 4.
    header = bytes.fromhex("0001") + (size + 4).to_bytes(2, "big") + bytes.fromhex("2112a442")
    plain = StunMessage(MessageClass.REQUEST, bytes(12)).to_bytes()
    protected = header + plain[8:20]
    digest = hmac.digest(b"key", protected, "sha256") + bytes(4)
    attribute = b"\x00\x1c" + size.to_bytes(2, "big") + digest[:size]
    assert StunMessage.parse(protected + attribute).has_integrity(b"key", sha256=True) is valid


def test_what_a_nonce_announces() -> None:
    both = SecurityFeatures.PASSWORD_ALGORITHMS | SecurityFeatures.USERNAME_ANONYMITY
    nonce = b"obMatJos2" + base64.b64encode(b"\xc0\0\0") + b"random"
    assert security_features(nonce) == both
    assert security_features(b"obMatJos2" + base64.b64encode(b"\x80\0\0")) == (
        SecurityFeatures.PASSWORD_ALGORITHMS
    )
    for other in (b"", b"obMatJos2", b"obMatJos2!!!!", b"obMatJos2AA==", b"nonce", nonce[1:]):
        assert not security_features(other)


@given(st.binary(max_size=30))
def test_any_nonce_can_be_read(nonce: bytes) -> None:
    security_features(nonce)
    security_features(b"obMatJos2" + nonce)


def test_password_algorithms() -> None:
    value = pack_password_algorithms((PasswordAlgorithm.SHA256, PasswordAlgorithm.MD5))
    assert value == b"\0\2\0\0\0\1\0\0"
    assert read_password_algorithms(value) == (2, 1)
    assert read_password_algorithms(b"\0\7\0\3abc\0" + value) == (7, 2, 1)
    assert read_password_algorithms(b"") == ()


@given(st.binary(max_size=40))
def test_bad_password_algorithms(value: bytes) -> None:
    with contextlib.suppress(BadPacket):
        read_password_algorithms(value)
