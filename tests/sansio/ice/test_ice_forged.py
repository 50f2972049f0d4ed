"""Messages that are not authentic change nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.sansio.types import IceConnectionState
from purertc.wire.stun import Attribute, MessageClass, StunMessage, pack_xor_address
from tests.support.ice_link import IceLink

A, B, EVE = ("192.0.2.1", 5000), ("192.0.2.2", 6000), ("203.0.113.66", 6666)


def request(username: str, password: str, extra: dict[int, bytes] | None = None) -> bytes:
    attributes: dict[int, bytes] = {
        Attribute.USERNAME: username.encode(),
        Attribute.PRIORITY: b"\0\0\0\1",
        Attribute.ICE_CONTROLLED: bytes(8),
        **(extra or {}),
    }
    return StunMessage(MessageClass.REQUEST, bytes(12), attributes).to_bytes(password.encode())


def names(link: IceLink) -> tuple[str, str]:
    mine, theirs = link.a.agent.local_parameters, link.b.agent.local_parameters
    return f"{mine.username_fragment}:{theirs.username_fragment}", mine.password


@pytest.mark.parametrize("what", ["password", "our name", "their name", "unsigned", "no name"])
def test_request_with_wrong_credentials(what: str) -> None:
    link = IceLink()
    link.signal([A], [B])
    username, password = names(link)
    if what == "our name":
        username = "x" + username
    elif what == "their name":
        username += "x"
    elif what == "password":
        password += "x"
    data = request(username, password)
    if what == "unsigned":
        data = StunMessage(
            MessageClass.REQUEST, bytes(12), StunMessage.parse(data).attributes
        ).to_bytes()
    if what == "no name":
        data = StunMessage(MessageClass.REQUEST, bytes(12)).to_bytes(password.encode())
    before = link.a.agent.pairs

    link.a.agent.receive(data, EVE, A, link.now)

    assert link.a.agent.transmits() == []
    assert link.a.agent.pairs == before
    assert not link.a.agent.is_validated(EVE, A)
    assert link.a.agent.dropped == 1
    assert link.a.agent.counters.unauthentic == 1


def test_response_with_wrong_password_or_unknown_transaction() -> None:
    link = IceLink()
    link.signal([A], [B])
    transaction_id = StunMessage.parse(link.a.requests[0]).transaction_id
    password = link.b.agent.local_parameters.password
    for key, identifier in (("forged", transaction_id), (password, bytes(12))):
        attributes: dict[int, bytes] = {
            Attribute.XOR_MAPPED_ADDRESS: pack_xor_address(A, identifier)
        }
        response = StunMessage(MessageClass.SUCCESS, identifier, attributes)
        link.a.agent.receive(response.to_bytes(key.encode()), B, A, link.now)

    assert link.a.agent.counters.stray == 2
    assert not link.a.agent.is_validated(B, A)
    link.connect()


def test_error_response_without_integrity_ends_no_check() -> None:
    link = IceLink()
    link.signal([A], [B])
    transaction_id = StunMessage.parse(link.a.requests[0]).transaction_id
    for code in (b"\0\0\4\0", b"\0\0\4\x57"):
        error = StunMessage(MessageClass.ERROR, transaction_id, {Attribute.ERROR_CODE: code})
        link.a.agent.receive(error.to_bytes(), B, A, link.now)

    assert link.a.agent.controlling
    link.connect()


def test_answer_from_another_address_fails_the_pair() -> None:
    link = IceLink()
    link.signal([A], [B])
    check = StunMessage.parse(link.a.requests[0])
    attributes: dict[int, bytes] = {
        Attribute.XOR_MAPPED_ADDRESS: pack_xor_address(A, check.transaction_id)
    }
    response = StunMessage(MessageClass.SUCCESS, check.transaction_id, attributes)
    password = link.b.agent.local_parameters.password.encode()

    link.a.agent.receive(response.to_bytes(password), EVE, A, link.now)

    (pair,) = link.a.agent.pairs
    assert pair.state == "failed"
    assert not link.a.agent.is_validated(EVE, A)


def test_attribute_that_must_be_understood() -> None:
    link = IceLink()
    link.signal([A], [B])
    link.a.agent.transmits()

    link.a.agent.receive(request(*names(link), {0x7FFE: b"?"}), B, A, link.now)

    (transmit,) = link.a.agent.transmits()
    response = StunMessage.parse(transmit.payload)
    assert response.error_code() == (420, "Unknown Attribute")
    assert response.unknown_attributes() == (0x7FFE,)
    assert response.has_integrity(names(link)[1].encode())
    assert not link.a.agent.is_validated(B, A)


@pytest.mark.parametrize("extra", [{Attribute.PRIORITY: b""}, {Attribute.ICE_CONTROLLING: b"\1"}])
def test_authentic_request_that_is_malformed(extra: dict[int, bytes]) -> None:
    link = IceLink()
    link.signal([A], [B])

    link.a.agent.receive(request(*names(link), extra), B, A, link.now)

    (transmit,) = link.a.agent.transmits()
    code = StunMessage.parse(transmit.payload).error_code()
    assert code is not None
    assert code[0] == 400
    assert link.a.agent.bad_packets == 1


def test_indications_and_other_methods_are_ignored() -> None:
    link = IceLink()
    link.signal([A], [B])
    for message in (
        StunMessage(MessageClass.INDICATION, bytes(12)),
        StunMessage(MessageClass.REQUEST, bytes(12), method=0x003),
    ):
        link.a.agent.receive(message.to_bytes(names(link)[1].encode()), B, A, link.now)

    assert link.a.agent.transmits() == []
    assert link.a.agent.counters.unexpected == 2


@given(st.data())
def test_damaged_messages_never_raise_and_never_end_the_connection(data: st.DataObject) -> None:
    link = IceLink(seed=data.draw(st.integers(0, 5)))
    link.signal([A], [B])
    link.connect()
    known = link.a.datagrams + link.b.datagrams
    for _ in range(10):
        raw = bytearray(data.draw(st.sampled_from(known)))
        for position in data.draw(st.lists(st.integers(0, 8 * len(raw) - 1), max_size=4)):
            raw[position // 8] ^= 1 << position % 8
        size = data.draw(st.integers(0, len(raw)))
        source = data.draw(st.sampled_from([A, B, EVE]))
        link.a.agent.receive(bytes(raw[:size]), source, A, link.now)
        link.drain()

    link.run(10)
    assert link.a.agent.state is IceConnectionState.COMPLETED
