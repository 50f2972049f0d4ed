"""Stream ids: by DTLS role, lowest first, used again after closing, exhausted."""

import pytest

from purertc.errors import ArgumentError
from purertc.sansio.channels.ids import StreamIds
from purertc.sansio.datachannel import DataChannels
from purertc.sansio.events import ChannelClosed
from tests.support.fake_association import (
    ChannelPair,
    FakeAssociation,
    established_pair,
    events_of,
)


def test_the_client_takes_even_ids_and_the_server_odd_ones() -> None:
    pair = established_pair()
    assert [pair.one.create("x", now=0.0).id for _ in range(3)] == [0, 2, 4]
    assert [pair.two.create("x", now=0.0).id for _ in range(3)] == [1, 3, 5]


def test_waiting_channels_get_ids_in_the_order_of_their_making() -> None:
    pair = ChannelPair()
    channels = [pair.two.create(str(number), now=0.0) for number in range(3)]
    pair.set_roles()
    assert [channel.id for channel in channels] == [1, 3, 5]


def test_the_role_is_learned_once() -> None:
    channels = DataChannels(FakeAssociation())
    channels.set_role(dtls_client=True, now=0.0)
    channels.set_role(dtls_client=False, now=0.0)
    assert channels.create("x", now=0.0).id == 0


def test_ids_in_use_are_skipped() -> None:
    pair = established_pair()
    pair.one.create("taken", negotiated=True, id=0, now=0.0)
    pair.one.create("taken", id=4, now=0.0)
    assert [pair.one.create("x", now=0.0).id for _ in range(2)] == [2, 6]


def test_an_id_named_before_the_role_is_known_is_kept_free() -> None:
    pair = ChannelPair()
    waiting = pair.one.create("x", now=0.0)
    pair.one.create("named", id=0, now=0.0)
    pair.set_roles()
    assert waiting.id == 2


@pytest.mark.parametrize("negotiated", [True, False])
def test_an_id_in_use_is_refused(negotiated: bool) -> None:
    pair = established_pair()
    pair.one.create("x", id=5, now=0.0)
    with pytest.raises(ArgumentError, match="id 5 belongs to another"):
        pair.one.create("y", id=5, negotiated=negotiated, now=0.0)


def test_the_id_of_an_announced_channel_is_in_use() -> None:
    pair = established_pair()
    pair.two.create("x", now=0.0)
    pair.run()
    with pytest.raises(ArgumentError, match="id 1 belongs"):
        pair.one.create("y", id=1, now=0.0)


def test_an_id_is_used_again_after_closing() -> None:
    pair = established_pair()
    first, second, _third = (pair.one.create("x", now=0.0) for _ in range(3))
    pair.run()
    pair.one.close(second, 0.0)
    assert pair.one.create("y", now=0.0).id == 6, "closing is not closed"
    pair.run()
    pair.one.close(first, 0.0)
    pair.run()
    reused = [pair.one.create("z", now=0.0) for _ in range(3)]
    assert [channel.id for channel in reused] == [0, 2, 8]
    pair.run()
    assert {channel.state for channel in reused} == {"open"}


def test_exhaustion_is_refused_and_closing_one_helps() -> None:
    channels = DataChannels(FakeAssociation())
    channels.set_role(dtls_client=True, now=0.0)
    made = [channels.create("", now=0.0) for _ in range(32768)]
    assert made[-1].id == 65534
    with pytest.raises(ArgumentError, match="all ids"):
        channels.create("one more", now=0.0)
    channels.close(made[5], 0.0)
    assert channels.create("one more", now=0.0).id == 10


def test_a_waiting_channel_that_finds_no_id_is_closed() -> None:
    channels = DataChannels(FakeAssociation())
    made = [channels.create("", now=0.0) for _ in range(32768)]
    channels.set_role(dtls_client=False, now=0.0)
    assert made[-2].id == 65533
    assert (made[-1].id, made[-1].state) == (None, "closed")
    assert events_of(channels) == [ChannelClosed(made[-1])]


def test_given_back_ids_come_once() -> None:
    ids = StreamIds(dtls_client=True)
    assert [ids.take((), 65535) for _ in range(3)] == [0, 2, 4]
    for stream in (4, 2, 4, 3, 100):
        ids.give_back(stream)
    assert [ids.take((), 65535) for _ in range(3)] == [2, 4, 6]


def test_no_more_ids_than_the_other_side_takes_streams() -> None:
    pair = ChannelPair()
    pair.set_roles()
    pair.one_association.outbound_streams = 4
    early = [pair.one.create("", now=0.0) for _ in range(3)]
    pair.establish()
    assert [channel.state for channel in early] == ["open", "open", "closed"]
    with pytest.raises(ArgumentError, match="all ids"):
        pair.one.create("", now=0.0)
    with pytest.raises(ArgumentError, match="takes 4 streams"):
        pair.one.create("", negotiated=True, id=4, now=0.0)


def test_a_channel_that_could_not_be_answered_is_not_announced() -> None:
    pair = ChannelPair()
    pair.set_roles()
    pair.two_association.outbound_streams = 4
    pair.establish()
    pair.one.create("", id=4, now=0.0)
    pair.run()
    assert events_of(pair.two) == []
    assert pair.two.dropped == 1
