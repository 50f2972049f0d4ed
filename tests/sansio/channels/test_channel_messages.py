"""Messages: text and binary, empty ones, sizes, what carries none."""

import array

import pytest

from purertc.errors import MessageTooLarge
from purertc.sansio.datachannel import Channel
from purertc.sansio.events import ChannelReadable
from tests.support.fake_association import ChannelPair, Sent, established_pair, events_of


def negotiated_pair() -> tuple[ChannelPair, Channel, Channel]:
    pair = established_pair()
    one = pair.one.create("x", negotiated=True, id=1, now=0.0)
    two = pair.two.create("x", negotiated=True, id=1, now=0.0)
    events_of(pair.one)
    events_of(pair.two)
    return pair, one, two


@pytest.mark.parametrize(
    ("message", "ppid", "payload"),
    [
        ("text", 51, b"text"),
        ("füür 日本 🎈", 51, "füür 日本 🎈".encode()),
        (b"\x00\xff", 53, b"\x00\xff"),
        ("", 56, b"\x00"),
        (b"", 57, b"\x00"),
    ],
)
def test_messages_arrive_as_what_they_were(message: str | bytes, ppid: int, payload: bytes) -> None:
    pair, one, two = negotiated_pair()
    pair.one.send(one, message, 0.0)
    assert pair.one_association.sent == [Sent(1, ppid, payload)]
    pair.run()
    received = pair.two.read(two, 0.0)
    assert received == message
    assert type(received) is type(message)
    assert pair.two.read(two, 0.0) is None
    pair.two.settle(0.0)
    assert pair.two_association.held == 0


@pytest.mark.parametrize(
    "data",
    [
        bytearray(b"abcd"),
        memoryview(b"abcd"),
        memoryview(b"aXbXcXdX")[::2],
        array.array("H", b"abcd"),
    ],
)
def test_any_buffer_is_copied_when_it_is_sent(data: bytearray) -> None:
    pair, one, two = negotiated_pair()
    pair.one.send(one, data, 0.0)
    pair.run()
    assert pair.two.read(two, 0.0) == b"abcd"


def test_later_changes_of_a_buffer_are_not_sent() -> None:
    pair, one, two = negotiated_pair()
    buffer = bytearray(b"before")
    pair.one.send(one, buffer, 0.0)
    buffer[:] = b"after!"
    pair.run()
    assert pair.two.read(two, 0.0) == b"before"


def test_readable_is_told_when_the_first_message_comes() -> None:
    pair, one, two = negotiated_pair()
    for number in range(3):
        pair.one.send(one, str(number), 0.0)
    pair.run()
    assert events_of(pair.two) == [ChannelReadable(two)]
    assert [pair.two.read(two, 0.0) for _ in range(3)] == ["0", "1", "2"]
    pair.one.send(one, "again", 0.0)
    pair.run()
    assert events_of(pair.two) == [ChannelReadable(two)]


@pytest.mark.parametrize("limit", [1, 10, 65536])
def test_a_message_above_the_limit_of_the_other_side_is_refused(limit: int) -> None:
    pair, one, _ = negotiated_pair()
    pair.one.remote_max_message_size = limit
    pair.one.send(one, bytes(limit), 0.0)
    with pytest.raises(MessageTooLarge, match=f"{limit + 1} bytes.* at most {limit}"):
        pair.one.send(one, bytes(limit + 1), 0.0)
    assert one.buffered_amount == limit
    assert one.state == "open"


def test_the_limit_counts_bytes_of_utf_8() -> None:
    pair, one, _ = negotiated_pair()
    pair.one.remote_max_message_size = 3
    with pytest.raises(MessageTooLarge):
        pair.one.send(one, "üü", 0.0)


def test_zero_means_no_limit_and_silence_64_kib() -> None:
    pair, one, _ = negotiated_pair()
    with pytest.raises(MessageTooLarge):
        pair.one.send(one, bytes(65537), 0.0)
    pair.one.remote_max_message_size = 0
    pair.one.send(one, bytes(1_000_000), 0.0)


@pytest.mark.parametrize("ppid", [0, 49, 52, 54, 55, 58, 2**32 - 1])
def test_other_identifiers_are_dropped_and_counted(ppid: int) -> None:
    pair, _, two = negotiated_pair()
    pair.two_association.put(1, ppid, b"?")
    pair.two.handle(0.0)
    assert (two.state, len(two.inbox), pair.two.dropped) == ("open", 0, 1)
    assert pair.two_association.held == 0


def test_an_empty_message_is_empty_whatever_it_carries() -> None:
    pair, _, two = negotiated_pair()
    pair.two_association.put(1, 57, b"not empty")
    pair.two.handle(0.0)
    assert pair.two.read(two, 0.0) == b""
    pair.two.settle(0.0)
    assert pair.two_association.held == 0


def test_invalid_utf_8_closes_the_channel_and_no_other() -> None:
    pair, one, two = negotiated_pair()
    good = pair.two.create("good", negotiated=True, id=3, now=0.0)
    pair.two_association.put(1, 51, b"ok")
    pair.two_association.put(1, 51, b"\xff\xfe")
    pair.two_association.put(3, 51, b"fine")
    pair.two.handle(0.0)
    assert (two.state, pair.two.bad_packets) == ("closing", 1)
    assert pair.two.read(two, 0.0) == "ok"
    assert pair.two.read(good, 0.0) == "fine"
    pair.run()
    assert (one.state, two.state, good.state) == ("closed", "closed", "open")
    pair.two.settle(0.0)
    assert pair.two_association.held == 0
