"""Channels are freed by reference counting alone once nobody holds them."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from tests.support.fake_association import established_pair, events_of


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_closed_channel_is_not_held() -> None:
    pair = established_pair()
    channel = pair.one.create("x", now=0.0)
    pair.run()
    pair.one.send(channel, "hello", 0.0)
    pair.run()
    pair.one.close(channel, 0.0)
    pair.run()
    kept = [weakref.ref(channel)]
    kept += [weakref.ref(event.channel) for event in events_of(pair.two)]
    events_of(pair.one)
    assert len(kept) == 5, "announced, readable, closing, closed"
    del channel
    assert [reference() for reference in kept] == [None] * len(kept)


def test_everything_goes_with_its_owner() -> None:
    pair = established_pair()
    channel = pair.one.create("x", now=0.0)
    pair.run()
    kept: list[weakref.ref[object]] = [weakref.ref(channel), weakref.ref(pair.one)]
    del channel, pair
    assert [reference() for reference in kept] == [None, None]


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
