"""bufferedAmount and its low threshold (W3C webrtc-pc section 6.2)."""

import pytest

from purertc.sansio.datachannel import Channel
from purertc.sansio.events import BufferedAmountLow
from tests.support.fake_association import ChannelPair, established_pair, events_of


def open_channel() -> tuple[ChannelPair, Channel]:
    pair = established_pair()
    channel = pair.one.create("x", negotiated=True, id=1, now=0.0)
    events_of(pair.one)
    return pair, channel


def release(pair: ChannelPair, size: int) -> None:
    pair.one_association.release(1, size)
    pair.one.handle(0.0)


def test_it_counts_bytes_of_messages_until_they_are_sent() -> None:
    pair, channel = open_channel()
    pair.one.send(channel, "üü", 0.0)
    pair.one.send(channel, b"12345", 0.0)
    assert channel.buffered_amount == 9
    release(pair, 6)
    assert channel.buffered_amount == 3
    release(pair, 3)
    assert channel.buffered_amount == 0


def test_empty_messages_count_nothing() -> None:
    pair, channel = open_channel()
    for message in ("", b"abc", b"", b"de", ""):
        pair.one.send(channel, message, 0.0)
    assert channel.buffered_amount == 5
    amounts = []
    for _ in range(8):
        release(pair, 1)
        amounts.append(channel.buffered_amount)
    assert amounts == [5, 4, 3, 2, 2, 1, 0, 0]


def test_open_messages_count_nothing() -> None:
    pair = established_pair()
    channel = pair.one.create("a long label", now=0.0)
    assert channel.buffered_amount == 0
    pair.run()
    assert (channel.buffered_amount, channel.unsent) == (0, 0)
    pair.one.send(channel, b"abc", 0.0)
    assert channel.buffered_amount == 3
    assert events_of(pair.one)[1:] == []


def test_low_is_told_when_the_amount_falls_to_zero() -> None:
    pair, channel = open_channel()
    pair.one.send(channel, bytes(10), 0.0)
    release(pair, 9)
    assert events_of(pair.one) == []
    release(pair, 1)
    assert events_of(pair.one) == [BufferedAmountLow(channel)]


@pytest.mark.parametrize(("steps", "told"), [([4, 1], [0, 1]), ([6], [1]), ([5, 2, 3], [1, 0, 0])])
def test_low_is_told_on_the_way_from_above_to_the_threshold(
    steps: list[int], told: list[int]
) -> None:
    pair, channel = open_channel()
    channel.buffered_amount_low_threshold = 5
    pair.one.send(channel, bytes(10), 0.0)
    counts = []
    for size in steps:
        release(pair, size)
        counts.append(len(events_of(pair.one)))
    assert counts == told


def test_low_is_told_again_after_another_rise() -> None:
    pair, channel = open_channel()
    for _ in range(3):
        pair.one.send(channel, b"x", 0.0)
        release(pair, 1)
        assert events_of(pair.one) == [BufferedAmountLow(channel)]


def test_low_is_not_told_when_the_amount_stays_below_the_threshold() -> None:
    pair, channel = open_channel()
    channel.buffered_amount_low_threshold = 100
    pair.one.send(channel, bytes(50), 0.0)
    release(pair, 50)
    assert events_of(pair.one) == []


def test_it_keeps_its_value_when_the_association_is_lost() -> None:
    pair, channel = open_channel()
    pair.one.send(channel, bytes(50), 0.0)
    pair.one.association_lost("gone")
    assert channel.buffered_amount == 50


def test_channels_are_counted_apart() -> None:
    pair, channel = open_channel()
    other = pair.one.create("y", negotiated=True, id=2, now=0.0)
    pair.one.send(channel, bytes(5), 0.0)
    pair.one.send(other, bytes(7), 0.0)
    pair.one_association.release(2, 7)
    release(pair, 1)
    assert (channel.buffered_amount, other.buffered_amount) == (4, 0)


def test_bytes_of_streams_without_a_channel_are_no_error() -> None:
    pair, _ = open_channel()
    pair.one_association.release(999, 5)
    pair.one.handle(0.0)
    assert events_of(pair.one)[1:] == []
