"""Queries and responses, as bytes and back, and bytes that are neither."""

from contextlib import suppress

import dns.flags
import dns.message
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import BadPacket
from purertc.mdns.messages import build_query, build_response, parse_message
from purertc.mdns.records import HostRecord, Question

NAME = "1f92e7db-2290-4b6d-a8f3-7c2ea6e0e3ae.local"
V4 = HostRecord(NAME, "192.0.2.7", 120)
V6 = HostRecord(NAME, "fe80::7", 120)


def test_a_query_asks_for_both_kinds_of_addresses() -> None:
    message = parse_message(build_query(NAME))
    assert not message.is_response
    assert message.questions == (Question(NAME, v6=False), Question(NAME, v4=False))
    assert message.records == ()


def test_a_query_has_no_id_and_no_flags() -> None:
    message = dns.message.from_wire(build_query(NAME))
    assert (message.id, message.flags) == (0, 0)


def test_a_response_carries_addresses() -> None:
    message = parse_message(build_response([V4, V6]))
    assert message.is_response
    assert message.records == (V4, V6)


def test_a_response_replaces_what_others_remember() -> None:
    message = dns.message.from_wire(build_response([V4]))
    assert message.flags == dns.flags.QR | dns.flags.AA
    assert int(message.answer[0].rdclass) == 0x8001


def test_a_response_to_an_ordinary_resolver_is_an_ordinary_one() -> None:
    question = Question(NAME, v6=False)
    message = dns.message.from_wire(build_response([V4], legacy_id=77, legacy_questions=[question]))
    assert message.id == 77
    assert [each.rdtype for each in message.question] == [dns.rdatatype.A]
    assert int(message.answer[0].rdclass) == 1


def test_a_question_may_welcome_a_unicast_answer() -> None:
    query = bytearray(build_query(NAME))
    query[-2] |= 0x80
    message = parse_message(bytes(query))
    assert [question.unicast for question in message.questions] == [False, True]


def test_names_are_compared_without_case() -> None:
    upper = build_response([V4]).replace(NAME[:36].encode(), NAME[:36].upper().encode())
    assert parse_message(upper).records == (V4,)


def test_records_of_other_kinds_and_names_are_left_out() -> None:
    message = dns.message.make_response(dns.message.make_query("a.b.local", "A"))
    for text in (
        "a.b.local. 9 IN A 192.0.2.1",
        'x.local. 9 IN TXT "t"',
        "y.local. 9 IN A 192.0.2.2",
    ):
        name, ttl, _, kind, value = text.split(" ", 4)
        message.answer.append(dns.rrset.from_text(name, int(ttl), "IN", kind, value))
    parsed = parse_message(message.to_wire())
    assert parsed.records == (HostRecord("y.local", "192.0.2.2", 9),)
    assert parsed.questions == ()


def test_addresses_of_the_wrong_length_are_left_out() -> None:
    response = build_response([V4])
    short = response[:-6] + b"\0\x03\x01\x02\x03"
    assert parse_message(short).records == ()


@pytest.mark.parametrize("opcode", [2, 5])
def test_other_opcodes_are_refused(opcode: int) -> None:
    query = bytearray(build_query(NAME))
    query[2] |= opcode << 3
    with pytest.raises(BadPacket):
        parse_message(bytes(query))


def test_response_codes_are_refused() -> None:
    response = bytearray(build_response([V4]))
    response[3] |= 3
    with pytest.raises(BadPacket):
        parse_message(bytes(response))


@pytest.mark.parametrize("payload", [b"", b"\0" * 11, b"\xff" * 40, build_query(NAME)[:-3]])
def test_what_is_no_message_is_refused(payload: bytes) -> None:
    with pytest.raises(BadPacket):
        parse_message(payload)


def test_a_name_that_points_to_itself_is_refused() -> None:
    with pytest.raises(BadPacket):
        parse_message(b"\0\0\0\0\0\x01\0\0\0\0\0\0\xc0\x0c\0\x01\0\x01")


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(payload: bytes) -> None:
    for each in (payload, b"\0\0\x84\0" + payload, b"\0\0\0\0\0\x01\0\x01\0\0\0\0" + payload):
        with suppress(BadPacket):
            parse_message(each)


@given(st.data())
def test_damaged_messages_are_parsed_or_refused(data: st.DataObject) -> None:
    payload = bytearray(build_response([V4, V6], legacy_questions=[Question(NAME)]))
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadPacket):
        parse_message(bytes(payload))


@given(st.lists(st.binary(min_size=1, max_size=63), max_size=3))
def test_odd_labels_are_no_names(labels: list[bytes]) -> None:
    name = b"".join(bytes((len(label),)) + label for label in labels) + b"\x05local\0"
    payload = (
        b"\0\0\x84\0\0\0\0\x01\0\0\0\0" + name + b"\0\x01\x80\x01\0\0\0\x78\0\x04\xc0\0\x02\x01"
    )
    message = parse_message(payload)
    assert all(record.name.isascii() for record in message.records)
    if len(labels) != 1:
        assert message.records == ()
