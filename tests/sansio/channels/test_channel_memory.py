"""Channels are freed by reference counting alone once nobody holds them."""

import gc
from collections.abc import Iterator

import pytest

from purertc.sansio.datachannel import Channel, DataChannels
from tests.support.fake_association import established_pair, events_of
from tests.support.lifetimes import Newcomers


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_closed_channel_is_not_held() -> None:
    channels = Newcomers(Channel)
    pair = established_pair()
    channel = pair.one.create("x", now=0.0)
    pair.run()
    pair.one.send(channel, "hello", 0.0)
    pair.run()
    pair.one.close(channel, 0.0)
    pair.run()
    assert len(events_of(pair.two)) == 4, "announced, readable, closing, closed"
    events_of(pair.one)
    assert channels.count() == 1
    del channel
    assert channels.count() == 0


def test_everything_goes_with_its_owner() -> None:
    channels, owners = Newcomers(Channel), Newcomers(DataChannels)
    pair = established_pair()
    channel = pair.one.create("x", now=0.0)
    pair.run()
    assert (channels.count(), owners.count()) == (2, 2)
    del channel, pair
    assert (channels.count(), owners.count()) == (0, 0)


def test_many_short_channels_leave_nothing_behind() -> None:
    pair = established_pair()
    for _ in range(500):
        channel = pair.one.create("x", now=0.0)
        pair.run()
        pair.two.close(events_of(pair.two)[0].channel, 0.0)
        pair.run()
        assert (channel.id, channel.state) == (0, "closed")
        events_of(pair.one)
        events_of(pair.two)
    assert pair.one._table.all() == pair.two._table.all() == []
