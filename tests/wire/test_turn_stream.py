"""Messages of a TURN server are found in a byte stream however it is cut, or it is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import BadPacket
from purertc.wire.stun import Attribute, MessageClass, StunMessage
from purertc.wire.turn import TurnStreamSplitter, pack_channel_data

STUN = StunMessage(MessageClass.REQUEST, bytes(12), {Attribute.USERNAME: b"user"}).to_bytes()
channel_data = st.tuples(st.integers(0x4000, 0x4FFF), st.binary(max_size=20))


@given(
    st.lists(st.one_of(st.just(STUN), channel_data), max_size=10),
    st.lists(st.integers(1, 30), max_size=60),
)
def test_messages_survive_any_cut(
    messages: list[bytes | tuple[int, bytes]], cuts: list[int]
) -> None:
    stream, expected = b"", []
    for message in messages:
        if isinstance(message, bytes):
            stream += message
            expected.append(message)
        else:
            stream += pack_channel_data(*message, padded=True)
            expected.append(pack_channel_data(*message, padded=False))
    splitter = TurnStreamSplitter()
    found: list[bytes] = []
    for size in cuts:
        found += splitter.feed(stream[:size])
        stream = stream[size:]
    found += splitter.feed(stream)
    assert found == expected
    assert splitter.feed(STUN) == [STUN]


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x00\x05",
        b"\x00\x01\x00\x01",
        b"\x01\x01\x00\x04\x21\x12\xa4\x43",
        b"\x01\x01\x00\x04\x21\x13",
        b"\x50\x00\x00\x00",
        b"\xff\xff\xff\xff",
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(BadPacket, match="neither a STUN message nor ChannelData"):
        TurnStreamSplitter().feed(data)


def test_the_largest_messages_fit() -> None:
    largest = pack_channel_data(0x4000, bytes(65535), padded=True)
    splitter = TurnStreamSplitter()
    assert splitter.feed(largest[:-1]) == []
    assert splitter.feed(largest[-1:] + STUN) == [largest[:-1], STUN]


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_random_bytes_raise_nothing_else(pieces: list[bytes]) -> None:
    splitter = TurnStreamSplitter()
    with contextlib.suppress(BadPacket):
        for piece in pieces:
            for message in splitter.feed(piece):
                assert message[0] < 0x50
