"""A peer that breaks the rules harms its own stream and nothing else; memory stays bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.sansio.datachannel import Channel, DataChannels
from purertc.sansio.events import ChannelAnnounced, ChannelOpened, ChannelReadable
from purertc.sansio.sctp.events import OutgoingResetDone, SctpEvent, StreamsReset
from purertc.wire.dcep import DataChannelOpen
from tests.support.fake_association import ChannelPair, established_pair, events_of

OPEN = bytes(DataChannelOpen(label="x"))


def pair_with_channel() -> tuple[ChannelPair, Channel]:
    pair = established_pair()
    channel = pair.two.create("bystander", negotiated=True, id=4, now=0.0)
    events_of(pair.two)
    return pair, channel


@pytest.mark.parametrize("payload", [b"\x03", b"\x07", OPEN[:-1], b"\x03\x33" + OPEN[2:]])
def test_a_bad_open_resets_only_its_stream(payload: bytes) -> None:
    pair, bystander = pair_with_channel()
    pair.two_association.put(8, 50, payload)
    pair.two.handle(0.0)
    assert list(pair.two_association.queue) == [8]
    assert (pair.two.bad_packets, bystander.state) == (1, "open")
    assert pair.two_association.held == 0
    assert events_of(pair.two) == []


def test_a_stream_is_reset_once_for_many_bad_opens_and_can_be_used_after() -> None:
    pair, _ = pair_with_channel()
    for _ in range(100):
        pair.two_association.put(8, 50, b"\x03")
        pair.two_association.put(8, 51, b"data")
    pair.two.handle(0.0)
    assert list(pair.two_association.queue) == [8]
    assert pair.two_association.held == 0
    pair.two_association.events.append(OutgoingResetDone((8,)))
    pair.two_association.put(8, 50, OPEN)
    pair.run()
    pair.two_association.put(8, 50, OPEN)
    pair.two.handle(0.0)
    assert isinstance(events_of(pair.two)[0], ChannelAnnounced)


def test_a_second_open_closes_the_channel() -> None:
    pair, bystander = pair_with_channel()
    for _ in range(2):
        pair.two_association.put(8, 50, OPEN)
    pair.two.handle(0.0)
    announced = events_of(pair.two)[0].channel
    assert (announced.state, bystander.state) == ("closing", "open")


def test_an_open_for_a_negotiated_channel_closes_it() -> None:
    pair, channel = pair_with_channel()
    pair.two_association.put(4, 50, OPEN)
    pair.two.handle(0.0)
    assert channel.state == "closing"


def test_both_sides_choosing_one_stream_lose_that_channel_only() -> None:
    pair, bystander = pair_with_channel()
    one = pair.one.create("mine", id=6, now=0.0)
    two = pair.two.create("mine too", id=6, now=0.0)
    pair.run()
    assert (one.state, two.state, bystander.state) == ("closed", "closed", "open")


def test_data_that_overtakes_its_open_is_kept() -> None:
    pair, _ = pair_with_channel()
    pair.two_association.put(8, 51, b"first")
    pair.two_association.put(8, 53, b"second")
    pair.two.handle(0.0)
    assert pair.two_association.held == 11
    pair.two_association.put(8, 50, OPEN)
    pair.two_association.put(8, 51, b"third")
    pair.two.handle(0.0)
    announced, readable = events_of(pair.two)
    assert isinstance(announced, ChannelAnnounced)
    assert readable == ChannelReadable(announced.channel)
    read = [pair.two.read(announced.channel, 0.0) for _ in range(3)]
    assert read == ["first", b"second", "third"]
    pair.two.settle(0.0)
    assert pair.two_association.held == 0


def test_data_for_a_negotiated_channel_waits_until_it_is_made() -> None:
    pair, _ = pair_with_channel()
    pair.two_association.put(8, 51, b"early")
    pair.two.handle(0.0)
    channel = pair.two.create("late", negotiated=True, id=8, now=0.0)
    assert events_of(pair.two) == [ChannelOpened(channel), ChannelReadable(channel)]
    assert pair.two.read(channel, 0.0) == "early"


@pytest.mark.parametrize("size", [1, 1000, 60000, 200000])
def test_data_without_a_channel_takes_bounded_room(size: int) -> None:
    pair, _ = pair_with_channel()
    for number in range(1000):
        pair.two_association.put(1000 + number, 53, bytes(size))
        pair.two.handle(0.0)
    assert pair.two_association.held <= 65536
    assert pair.two.dropped >= 744


def test_data_without_a_channel_goes_when_its_stream_is_reset() -> None:
    pair, _ = pair_with_channel()
    pair.two_association.put(8, 53, b"stray")
    pair.two_association.events.append(StreamsReset((8,)))
    pair.two.handle(0.0)
    assert (pair.two_association.held, pair.two.dropped) == (0, 1)


def test_labels_of_announced_channels_take_bounded_room() -> None:
    pair, _ = pair_with_channel()
    long_open = bytes(DataChannelOpen(label="x" * 65535, protocol="y" * 65535))
    for stream in range(10, 210):
        pair.two_association.put(stream, 50, long_open)
    pair.two.handle(0.0)
    announced = len(events_of(pair.two))
    assert announced == 33
    assert pair.two.dropped == 200 - announced


def test_announced_channels_are_bounded_and_room_comes_back() -> None:
    pair, _ = pair_with_channel()
    for stream in range(6, 20_006):
        pair.two_association.put(stream, 50, OPEN)
    pair.two.handle(0.0)
    assert len(events_of(pair.two)) == 16_384
    assert pair.two.dropped == 20_000 - 16_384
    pair.two_association.events.append(StreamsReset((7,)))
    pair.two_association.events.append(OutgoingResetDone((7, 20_005)))
    pair.two.handle(0.0)
    events_of(pair.two)
    pair.two_association.put(20_005, 50, OPEN)
    pair.two.handle(0.0)
    (announced,) = events_of(pair.two)
    assert isinstance(announced, ChannelAnnounced)


def test_an_ack_for_no_channel_is_ignored() -> None:
    pair, _ = pair_with_channel()
    pair.two_association.put(8, 50, b"\x02")
    pair.two.handle(0.0)
    assert events_of(pair.two) == []
    assert pair.two_association.held == 0


STREAMS = st.sampled_from([0, 1, 2, 4, 65535])
MESSAGES = st.tuples(
    STREAMS,
    st.sampled_from([50, 51, 53, 56, 57, 52, 0]),
    st.binary(min_size=1, max_size=20) | st.sampled_from([OPEN, b"\x02"]),
)
EVENTS = st.builds(StreamsReset, st.lists(STREAMS, max_size=2).map(tuple)) | st.builds(
    OutgoingResetDone, st.lists(STREAMS, max_size=2).map(tuple)
)
ACTIONS = st.sampled_from(["create", "close", "read", "handle"])


def act(name: str, channels: DataChannels, known: list[Channel]) -> None:
    if name == "create":
        known.append(channels.create("x", now=0.0))
    elif name == "close":
        channels.close(known[-1], 0.0)
    elif name == "read":
        for channel in known:
            channels.read(channel, 0.0)
    else:
        channels.handle(0.0)


@given(st.lists(MESSAGES | EVENTS | ACTIONS, max_size=60))
def test_no_sequence_breaks_the_accounts(
    script: list[tuple[int, int, bytes] | SctpEvent | str],
) -> None:
    pair, bystander = pair_with_channel()
    association, channels = pair.two_association, pair.two
    known = [bystander]
    for item in script:
        if isinstance(item, str):
            act(item, channels, known)
        elif isinstance(item, tuple):
            association.put(*item)
        else:
            association.events.append(item)
        known += [
            event.channel for event in events_of(channels) if isinstance(event, ChannelAnnounced)
        ]
    channels.handle(0.0)
    known += [event.channel for event in events_of(channels)]
    for channel in known:
        while channels.read(channel, 0.0) is not None:
            pass
    assert 0 <= association.held <= 65536
