"""Whatever a server sends, the client neither raises nor grows nor breaks."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from purertc.sansio.turn import TurnClient, TurnCredentials
from purertc.wire.stun import (
    ALLOCATE,
    CHANNEL_BIND,
    CREATE_PERMISSION,
    DATA,
    REFRESH,
    Attribute,
    MessageClass,
    StunMessage,
    pack_error_code,
    pack_xor_address,
)
from purertc.wire.stun_credentials import PasswordAlgorithm, long_term_key
from purertc.wire.turn import FIRST_CHANNEL, pack_channel_data

KEY = long_term_key("user", b"realm", "password", PasswordAlgorithm.MD5)
PEER = ("203.0.113.1", 5000)
METHODS = (ALLOCATE, REFRESH, CREATE_PERMISSION, CHANNEL_BIND, DATA, 1, 0xFFF)


def answer(request: bytes, message_class: MessageClass, attributes: dict[int, bytes]) -> bytes:
    """Return a signed answer to a request."""
    asked = StunMessage.parse(request)
    message = StunMessage(message_class, asked.transaction_id, attributes, asked.method)
    return message.to_bytes(KEY)


def challenged() -> tuple[TurnClient, bytes]:
    """Return a client that has asked with a signature, and that request."""
    client = TurnClient(TurnCredentials("user", "password"), Random(3).randbytes, reliable=False)
    client.start(0.0)
    [(request, _)] = client.transmits()
    attributes: dict[int, bytes] = {
        Attribute.ERROR_CODE: pack_error_code(401, "Unauthorized"),
        Attribute.REALM: b"realm",
        Attribute.NONCE: b"nonce",
    }
    client.receive(answer(request, MessageClass.ERROR, attributes), 0.0)
    [(request, _)] = client.transmits()
    return client, request


def allocated() -> TurnClient:
    """Return a client with an allocation, a permission and a channel."""
    client, request = challenged()
    transaction_id = StunMessage.parse(request).transaction_id
    attributes: dict[int, bytes] = {
        Attribute.XOR_RELAYED_ADDRESS: pack_xor_address(("198.51.100.1", 6000), transaction_id),
        Attribute.LIFETIME: (600).to_bytes(4, "big"),
    }
    client.receive(answer(request, MessageClass.SUCCESS, attributes), 0.0)
    for _ in range(2):
        client.send(PEER, b"\x80", 0.0)
        client.receive(answer(client.transmits()[-1][0], MessageClass.SUCCESS, {}), 0.0)
    client.transmits()
    client.next_event()
    assert is_healthy(client)
    return client


def is_healthy(client: TurnClient) -> bool:
    """Whether data still goes through the channel."""
    client.transmits()
    client.send(PEER, b"\x80out", 1.0)
    [(sent, _)] = client.transmits()
    there = sent == pack_channel_data(FIRST_CHANNEL, b"\x80out", padded=False)
    return there and client.receive(sent, 1.0) == [(PEER, b"\x80out")]


@given(st.lists(st.binary(max_size=100), max_size=20))
def test_random_bytes(packets: list[bytes]) -> None:
    client = allocated()
    for data in packets:
        client.receive(data, 1.0)
    assert is_healthy(client)


random_attributes = st.dictionaries(
    st.sampled_from(Attribute).map(int), st.binary(max_size=40), max_size=6
)


@given(
    st.sampled_from(MessageClass),
    st.sampled_from(METHODS),
    random_attributes,
    st.sampled_from([None, KEY, b"other"]),
)
def test_known_attributes_with_random_values(
    message_class: MessageClass, method: int, attributes: dict[int, bytes], key: bytes | None
) -> None:
    client = allocated()
    client.receive(StunMessage(message_class, bytes(12), attributes, method).to_bytes(key), 1.0)
    assert is_healthy(client)


@given(st.sampled_from([MessageClass.SUCCESS, MessageClass.ERROR]), random_attributes)
def test_signed_answers_with_random_values(
    message_class: MessageClass, attributes: dict[int, bytes]
) -> None:
    client, request = challenged()
    client.receive(answer(request, message_class, attributes), 0.5)
    deadline = client.next_deadline()
    steps = 0
    while deadline is not None and steps < 50 and not client.is_allocated:
        steps += 1
        client.handle_timeout(deadline)
        deadline = client.next_deadline()
    # Either it has an allocation or it has said why not, in bounded time.
    assert client.next_event() is not None


@given(st.data())
def test_bent_channel_data(data: st.DataObject) -> None:
    client = allocated()
    good = bytearray(pack_channel_data(FIRST_CHANNEL, b"payload", padded=False))
    position = data.draw(st.integers(0, len(good) - 1))
    good[position] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    for peer, payload in client.receive(bytes(good[:cut]), 1.0):
        assert peer == PEER
        assert len(payload) <= 7
    assert is_healthy(client)


def test_a_flood_of_forgeries_leaves_nothing_behind() -> None:
    client = allocated()
    random = Random(5)
    for _ in range(2000):
        message = StunMessage(
            random.choice(list(MessageClass)), random.randbytes(12), {}, random.choice(METHODS)
        )
        client.receive(message.to_bytes(random.randbytes(16)), 1.0)
    assert client.transmits() == []
    assert client.next_event() is None
    assert client.dropped + client.bad_packets == 2000
    assert is_healthy(client)
