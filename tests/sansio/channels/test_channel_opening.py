"""Opening: DCEP, negotiated channels, before and after the association is up."""

import pytest

from purertc.errors import InvalidStateError
from purertc.sansio.datachannel import Channel, DataChannels
from purertc.sansio.events import ChannelAnnounced, ChannelOpened
from tests.support.fake_association import ChannelPair, Sent, established_pair, events_of


def announced_on(channels: DataChannels) -> Channel:
    (event,) = events_of(channels)
    assert isinstance(event, ChannelAnnounced)
    return event.channel


def test_a_channel_made_before_everything_opens_in_the_end() -> None:
    pair = ChannelPair()
    channel = pair.one.create("chat", now=0.0)
    assert (channel.id, channel.state) == (None, "connecting")
    pair.set_roles()
    assert channel.id == 0
    assert pair.one_association.sent == []
    pair.establish()
    assert channel.state == "open"
    assert events_of(pair.one) == [ChannelOpened(channel)]
    other = announced_on(pair.two)
    assert (other.label, other.id, other.state, other.announced) == ("chat", 0, "open", True)


def test_a_channel_made_on_a_running_association_is_announced_at_once() -> None:
    pair = established_pair()
    channel = pair.two.create("late", now=0.0)
    assert channel.id == 1
    assert len(pair.two_association.sent) == 1
    pair.run()
    assert channel.state == "open"
    assert announced_on(pair.one).label == "late"


def test_open_and_ack_are_ordered_and_reliable() -> None:
    pair = established_pair()
    pair.one.create("x", now=0.0, ordered=False, max_retransmits=0)
    pair.run()
    (opening,) = pair.one_association.sent
    assert (opening.ppid, opening.ordered, opening.max_retransmits) == (50, True, None)
    assert pair.two_association.sent == [Sent(0, 50, b"\x02")]


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(
    ("retransmits", "life_time"), [(None, None), (0, None), (3, None), (None, 0), (None, 1500)]
)
def test_all_options_reach_the_other_side_and_sctp(
    ordered: bool, retransmits: int | None, life_time: int | None
) -> None:
    pair = established_pair()
    mine = pair.one.create(
        "läbel",
        protocol="prötocol",
        ordered=ordered,
        max_retransmits=retransmits,
        max_packet_life_time=life_time,
        now=0.0,
    )
    pair.run()
    theirs = announced_on(pair.two)
    for channel in (mine, theirs):
        assert (channel.label, channel.protocol, channel.ordered) == ("läbel", "prötocol", ordered)
        assert (channel.max_retransmits, channel.max_packet_life_time) == (retransmits, life_time)
        assert not channel.negotiated
    lifetime = None if life_time is None else life_time / 1000
    pair.one.send(mine, b"x", 0.0)
    pair.two.send(theirs, b"y", 0.0)
    assert pair.one_association.sent[-1] == Sent(0, 53, b"x", ordered, retransmits, lifetime)
    assert pair.two_association.sent[-1] == Sent(0, 53, b"y", ordered, retransmits, lifetime)


def test_data_that_overtakes_the_ack_opens_the_channel() -> None:
    pair = established_pair()
    channel = pair.one.create("x", now=0.0)
    pair.one_association.put(0, 51, b"hello")
    pair.one.handle(0.0)
    assert channel.state == "open"
    assert events_of(pair.one)[0] == ChannelOpened(channel)
    assert pair.one.read(channel, 0.0) == "hello"
    pair.run()
    assert events_of(pair.one) == []


def test_negotiated_channels_open_with_the_association() -> None:
    pair = ChannelPair()
    one = pair.one.create("a", negotiated=True, id=7, now=0.0)
    two = pair.two.create("b", negotiated=True, id=7, now=0.0)
    pair.set_roles()
    assert one.state == "connecting"
    pair.establish()
    assert events_of(pair.one) == [ChannelOpened(one)]
    assert events_of(pair.two) == [ChannelOpened(two)]
    assert pair.one_association.sent == pair.two_association.sent == []
    pair.one.send(one, "hi", 0.0)
    pair.run()
    assert pair.two.read(two, 0.0) == "hi"


def test_a_negotiated_channel_on_a_running_association_is_open_at_once() -> None:
    pair = established_pair()
    channel = pair.one.create("a", negotiated=True, id=7, now=0.0)
    assert channel.state == "open"
    assert events_of(pair.one) == [ChannelOpened(channel)]


def test_sending_before_the_channel_is_open_is_refused() -> None:
    pair = established_pair()
    channel = pair.one.create("x", now=0.0)
    with pytest.raises(InvalidStateError, match="connecting"):
        pair.one.send(channel, "too early", 0.0)
    assert channel.buffered_amount == 0


def test_a_second_ack_changes_nothing() -> None:
    pair = established_pair()
    pair.one.create("x", now=0.0)
    pair.run()
    events_of(pair.one)
    pair.one_association.put(0, 50, b"\x02")
    pair.one.handle(0.0)
    assert events_of(pair.one) == []
    assert pair.one_association.held == 0


def test_association_and_first_data_in_one_go() -> None:
    pair = ChannelPair()
    pair.set_roles()
    channel = pair.two.create("x", negotiated=True, id=2, now=0.0)
    pair.two_association.put(2, 51, b"first")
    pair.establish()
    assert events_of(pair.two)[0] == ChannelOpened(channel)
    assert pair.two.read(channel, 0.0) == "first"


def test_the_role_may_be_learned_after_the_association_is_up() -> None:
    pair = ChannelPair()
    channel = pair.one.create("x", now=0.0)
    pair.establish()
    assert channel.state == "connecting"
    pair.set_roles()
    pair.run()
    assert (channel.id, channel.state) == (0, "open")
