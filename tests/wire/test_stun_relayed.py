"""An Allocate response may name a relayed address of each family (RFC 8656 section 7.3)."""

import struct

from purertc.sansio.turn.messages import read_grant
from purertc.wire.stun import Attribute, StunMessage, pack_xor_address

ID = bytes(range(12))
ALLOCATE_SUCCESS = 0x0103
EMPTY_V4 = ("0.0.0.0", 0)
V6 = ("2001:db8::1", 50000)


def response(*relayed: tuple[str, int]) -> StunMessage:
    values = [(Attribute.XOR_RELAYED_ADDRESS, pack_xor_address(each, ID)) for each in relayed]
    values.append((Attribute.LIFETIME, (600).to_bytes(4, "big")))
    body = b"".join(struct.pack("!HH", kind, len(value)) + value for kind, value in values)
    header = struct.pack("!HHI12s", ALLOCATE_SUCCESS, len(body), 0x2112A442, ID)
    return StunMessage.parse(header + body)


def test_both_are_read_in_their_order() -> None:
    assert response(EMPTY_V4, V6).relayed_addresses() == [EMPTY_V4, V6]
    assert response(V6).relayed_addresses() == [V6]
    assert response().relayed_addresses() == []


def test_a_third_one_is_left_out() -> None:
    assert response(EMPTY_V4, V6, V6).relayed_addresses() == [EMPTY_V4, V6]


def test_the_grant_is_the_one_of_the_wanted_family() -> None:
    assert read_grant(response(EMPTY_V4, V6), 6).relayed == V6
