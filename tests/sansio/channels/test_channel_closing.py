"""The closing procedure (RFC 8831 section 6.7), from each side and at every moment."""

from collections.abc import Callable

import pytest

from purertc.errors import ChannelClosed as ChannelClosedError
from purertc.sansio.datachannel import Channel
from purertc.sansio.events import ChannelAnnounced, ChannelClosed, ChannelClosing, ChannelEvent
from purertc.sansio.sctp.events import (
    AssociationClosed,
    AssociationRestarted,
    AssociationState,
    OutgoingResetDone,
    StreamsReset,
)
from tests.support.fake_association import ChannelPair, established_pair, events_of


def open_pair() -> tuple[ChannelPair, Channel, Channel]:
    pair = established_pair()
    one = pair.one.create("x", now=0.0)
    pair.run()
    events_of(pair.one)
    (event,) = events_of(pair.two)
    assert isinstance(event, ChannelAnnounced)
    return pair, one, event.channel


def closing(channel: Channel) -> list[ChannelEvent]:
    return [ChannelClosing(channel), ChannelClosed(channel)]


def test_the_opener_closes() -> None:
    pair, one, two = open_pair()
    pair.one.close(one, 0.0)
    assert one.state == "closing"
    pair.run()
    assert one.state == two.state == "closed"
    assert events_of(pair.one) == closing(one)
    assert events_of(pair.two) == closing(two)


def test_the_other_side_closes() -> None:
    pair, one, two = open_pair()
    pair.two.close(two, 0.0)
    pair.run()
    assert events_of(pair.one) == closing(one)
    assert events_of(pair.two) == closing(two)


def test_both_close_at_once() -> None:
    pair, one, two = open_pair()
    pair.one.close(one, 0.0)
    pair.two.close(two, 0.0)
    pair.run()
    assert events_of(pair.one) == closing(one)
    assert events_of(pair.two) == closing(two)
    assert pair.one_association.queue == pair.two_association.queue


def test_it_is_closed_only_when_both_directions_are() -> None:
    pair, one, _ = open_pair()
    pair.one.close(one, 0.0)
    pair.one_association.events.append(OutgoingResetDone((0,)))
    pair.one.handle(0.0)
    assert one.state == "closing"
    pair.one_association.events.append(StreamsReset((0,)))
    pair.one.handle(0.0)
    assert one.state == "closed"


def test_queued_messages_are_sent_first_and_can_be_read_after() -> None:
    pair, one, two = open_pair()
    for number in range(5):
        pair.one.send(one, str(number), 0.0)
    pair.one.close(one, 0.0)
    pair.run()
    assert two.state == "closed"
    assert [pair.two.read(two, 0.0) for _ in range(6)] == ["0", "1", "2", "3", "4", None]


def test_messages_queued_by_the_side_that_is_closed_are_sent_too() -> None:
    pair, one, two = open_pair()
    pair.two.send(two, "answer", 0.0)
    pair.one.close(one, 0.0)
    pair.run()
    assert (one.state, two.state) == ("closed", "closed")
    assert pair.one_association.held == 0


@pytest.mark.parametrize("times", [2, 5])
def test_closing_again_does_nothing(times: int) -> None:
    pair, one, _ = open_pair()
    for _ in range(times):
        pair.one.close(one, 0.0)
    pair.run()
    pair.one.close(one, 0.0)
    assert events_of(pair.one) == closing(one)


def test_sending_is_refused_from_the_moment_of_closing() -> None:
    pair, one, two = open_pair()
    pair.one.close(one, 0.0)
    with pytest.raises(ChannelClosedError, match="closing"):
        pair.one.send(one, "x", 0.0)
    pair.run()
    for side, channel in ((pair.one, one), (pair.two, two)):
        with pytest.raises(ChannelClosedError, match="closed"):
            side.send(channel, "x", 0.0)


def test_before_the_role_is_known() -> None:
    pair = ChannelPair()
    channel = pair.one.create("x", now=0.0)
    pair.one.close(channel, 0.0)
    assert events_of(pair.one) == closing(channel)
    pair.set_roles()
    pair.establish()
    assert pair.one_association.sent == []
    assert pair.one.create("y", now=0.0).id == 0


def test_before_the_association_is_up() -> None:
    pair = ChannelPair()
    pair.set_roles()
    channel = pair.one.create("x", now=0.0)
    pair.one.close(channel, 0.0)
    assert events_of(pair.one) == closing(channel)
    pair.establish()
    assert pair.one_association.sent == []
    assert pair.one.create("y", now=0.0).id == 0


def test_before_the_other_side_answered() -> None:
    pair = established_pair()
    channel = pair.one.create("x", now=0.0)
    pair.one.close(channel, 0.0)
    pair.run()
    assert events_of(pair.one) == closing(channel)
    announced, *rest = events_of(pair.two)
    assert isinstance(announced, ChannelAnnounced)
    assert rest == closing(announced.channel)


def test_negotiated_channels_close_on_both_sides_and_can_be_made_again() -> None:
    pair = established_pair()
    for _ in range(3):
        one = pair.one.create("x", negotiated=True, id=9, now=0.0)
        two = pair.two.create("x", negotiated=True, id=9, now=0.0)
        pair.one.send(one, "hello", 0.0)
        pair.run()
        assert pair.two.read(two, 0.0) == "hello"
        pair.two.close(two, 0.0)
        pair.run()
        assert one.state == two.state == "closed"


def test_a_new_channel_on_a_stream_waits_for_the_end_of_the_old_one() -> None:
    pair, one, two = open_pair()
    pair.two.close(two, 0.0)
    pair.two_association.deliver_one(pair.one_association)
    pair.one.handle(0.0)
    assert one.state == "closing"
    events_of(pair.one)
    pair.one_association.put(0, 50, b"\x03" + bytes(11))
    pair.one_association.put(0, 51, b"for the new one")
    pair.one.handle(0.0)
    assert events_of(pair.one) == []
    pair.one_association.events.append(OutgoingResetDone((0,)))
    pair.one.handle(0.0)
    closed, announced, readable = events_of(pair.one)
    assert closed == ChannelClosed(one)
    assert isinstance(announced, ChannelAnnounced)
    assert readable.channel is announced.channel
    assert pair.one.read(announced.channel, 0.0) == "for the new one"


def lose(pair: ChannelPair) -> None:
    pair.one.association_lost("the network is gone")


def abort(pair: ChannelPair) -> None:
    pair.one_association.events.append(AssociationClosed("aborted", aborted=True))
    pair.one.handle(0.0)


@pytest.mark.parametrize("loss", [lose, abort])
def test_a_lost_association_closes_every_channel(loss: Callable[[ChannelPair], None]) -> None:
    pair, one, _ = open_pair()
    connecting = pair.one.create("connecting", now=0.0)
    going = pair.one.create("going", negotiated=True, id=9, now=0.0)
    pair.one.close(going, 0.0)
    events_of(pair.one)
    loss(pair)
    channels = [one, connecting, going]
    assert events_of(pair.one) == [ChannelClosed(channel) for channel in channels]
    assert {channel.state for channel in channels} == {"closed"}
    loss(pair)
    assert events_of(pair.one) == []


def test_a_loss_before_anything_was_up_closes_waiting_channels() -> None:
    pair = ChannelPair()
    channel = pair.one.create("x", now=0.0)
    pair.one.association_lost("no route")
    assert channel.state == "closed"
    assert pair.one.lost_reason == "no route"


def test_messages_that_came_with_the_end_are_kept() -> None:
    pair, _, two = open_pair()
    pair.two_association.put(0, 51, b"last words")
    pair.two_association.events.append(AssociationClosed("shut down", aborted=False))
    pair.two.handle(0.0)
    assert two.state == "closed"
    assert pair.two.read(two, 0.0) == "last words"


def test_a_restart_of_the_peer_closes_all_channels_but_allows_new_ones() -> None:
    pair, one, _ = open_pair()
    pair.one_association.events.append(AssociationRestarted())
    pair.one.handle(0.0)
    assert events_of(pair.one) == [ChannelClosed(one)]
    assert pair.one.create("again", now=0.0).id == 0


def test_messages_from_before_a_restart_stay_readable_and_count_no_more() -> None:
    pair, _, two = open_pair()
    pair.two_association.put(0, 51, b"old")
    pair.two.handle(0.0)
    pair.two_association.events.append(AssociationRestarted())
    pair.two.handle(0.0)
    assert pair.two_association.held == 0
    assert pair.two.read(two, 0.0) == "old"


@pytest.mark.parametrize("state", ["shutdown-received", "closed"])
def test_a_channel_opened_while_the_association_ends_gets_no_answer(state: str) -> None:
    pair, _, _ = open_pair()
    pair.two_association.state = AssociationState(state)
    pair.two_association.put(2, 50, b"\x03" + bytes(11))
    pair.two_association.events.append(AssociationClosed("over", aborted=True))
    pair.two.handle(0.0)
    events = [type(event) for event in events_of(pair.two)]
    assert events == [ChannelAnnounced, ChannelClosed, ChannelClosed]


def test_a_reset_of_no_streams_means_all_of_them() -> None:
    pair, one, _ = open_pair()
    other = pair.one.create("y", negotiated=True, id=9, now=0.0)
    pair.one_association.events.append(StreamsReset(()))
    pair.one.handle(0.0)
    assert one.state == other.state == "closing"


def test_resets_of_streams_without_a_channel_are_ignored() -> None:
    pair, one, _ = open_pair()
    pair.one_association.events.append(StreamsReset((77,)))
    pair.one_association.events.append(OutgoingResetDone((77, 0)))
    pair.one.handle(0.0)
    assert one.state == "open"
