"""The peer's association begins anew while channels are open (RFC 9260 section 5.2.4)."""

from purertc.sansio.events import ChannelAnnounced, ChannelClosed, ChannelOpened, ChannelReadable
from purertc.sansio.sctp.events import AssociationRestarted
from purertc.sansio.types import DataChannelState
from purertc.wire.dcep import DataChannelOpen
from tests.support.fake_association import established_pair, events_of


def test_unread_messages_stay_readable_and_free_the_window() -> None:
    pair = established_pair()
    one = pair.one.create("x", now=0.0)
    pair.run()
    pair.one_association.put(0, 51, "é".encode())
    pair.one_association.put(0, 57, b"\0")
    pair.one.handle(0.0)
    assert pair.one_association.held == 3
    pair.one_association.events.append(AssociationRestarted())
    pair.one.handle(0.0)
    assert pair.one_association.held == 0
    assert [pair.one.read(one, 0.0), pair.one.read(one, 0.0)] == ["é", b""]


def test_messages_without_a_channel_free_the_window() -> None:
    pair = established_pair()
    pair.one_association.put(7, 53, b"early")
    pair.one.handle(0.0)
    assert pair.one_association.held == 5
    pair.one_association.events.append(AssociationRestarted())
    pair.one.handle(0.0)
    assert pair.one_association.held == 0


def test_messages_of_both_lives_reach_their_own_channels() -> None:
    pair = established_pair()
    one = pair.one.create("old", now=0.0)
    pair.run()
    events_of(pair.one)
    pair.one_association.put(0, 51, b"last words")
    pair.one_association.events.append(AssociationRestarted(earlier_messages=1))
    pair.one_association.put(0, 50, bytes(DataChannelOpen("new")))
    pair.one_association.put(0, 51, b"first words")
    pair.one.handle(0.0)
    events = events_of(pair.one)
    kinds = [type(event) for event in events]
    assert kinds == [ChannelReadable, ChannelClosed, ChannelAnnounced, ChannelReadable]
    new = events[2].channel
    assert new.label == "new"
    assert pair.one.read(one, 0.0) == "last words"
    assert pair.one.read(new, 0.0) == "first words"
    pair.one.settle(0.0)
    assert pair.one_association.held == 0


def test_a_peer_that_takes_fewer_streams_afterwards_cannot_open_higher_ones() -> None:
    pair = established_pair()
    pair.one_association.events.append(AssociationRestarted())
    pair.one_association.outbound_streams = 10
    pair.one_association.put(20, 50, bytes(DataChannelOpen("too high")))
    pair.one.handle(0.0)
    assert events_of(pair.one) == []
    assert pair.one.dropped == 1


def test_a_peer_that_takes_more_streams_afterwards_may_use_them() -> None:
    pair = established_pair()
    pair.one_association.outbound_streams = 1
    pair.one_association.events.append(AssociationRestarted())
    pair.one.handle(0.0)
    pair.one_association.outbound_streams = 65535
    pair.one_association.events.append(AssociationRestarted())
    pair.one.handle(0.0)
    channel = pair.one.create("high", negotiated=True, id=5000, now=0.0)
    assert channel.state is DataChannelState.OPEN
    assert events_of(pair.one) == [ChannelOpened(channel)]
