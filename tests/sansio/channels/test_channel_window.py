"""Unread messages hold the receive window; reading, and nothing else, opens it."""

import pytest

from purertc.sansio.datachannel import Channel
from tests.support.fake_association import ChannelPair, established_pair


def channel_with_messages(*messages: str | bytes) -> tuple[ChannelPair, Channel, Channel]:
    pair = established_pair()
    one = pair.one.create("x", negotiated=True, id=1, now=0.0)
    two = pair.two.create("x", negotiated=True, id=1, now=0.0)
    for message in messages:
        pair.one.send(one, message, 0.0)
    pair.run()
    return pair, one, two


@pytest.mark.parametrize(
    ("message", "size"), [("abc", 3), ("ü", 2), (b"12345", 5), ("", 1), (b"", 1)]
)
def test_a_message_counts_until_it_is_read(message: str | bytes, size: int) -> None:
    pair, _, two = channel_with_messages(message)
    assert pair.two_association.held == size
    assert pair.two.read(two, 0.0) == message
    pair.two.settle(0.0)
    assert pair.two_association.held == 0


def test_messages_are_released_one_by_one() -> None:
    pair, _, two = channel_with_messages(b"1", b"22", b"333")
    held = []
    while pair.two.read(two, 0.0) is not None:
        pair.two.settle(0.0)
        held.append(pair.two_association.held)
    assert held == [5, 3, 0]


def test_a_channel_that_the_other_side_closed_stays_readable_and_counts() -> None:
    pair, one, two = channel_with_messages("first", "second")
    pair.one.close(one, 0.0)
    pair.run()
    assert two.state == "closed"
    assert pair.two_association.held == 11
    assert pair.two.read(two, 0.0) == "first"
    assert pair.two.read(two, 0.0) == "second"
    pair.two.settle(0.0)
    assert pair.two_association.held == 0


def test_a_channel_that_this_side_closed_stays_readable_but_counts_no_more() -> None:
    pair, _, two = channel_with_messages("first", "second")
    pair.two.close(two, 0.0)
    pair.run()
    assert two.state == "closed"
    assert pair.two_association.held == 0
    assert pair.two.read(two, 0.0) == "first"
    pair.two.settle(0.0)
    assert pair.two_association.held == 0


def test_what_comes_while_this_side_closes_is_discarded() -> None:
    pair, one, two = channel_with_messages()
    pair.two.close(two, 0.0)
    pair.one.send(one, "crossing", 0.0)
    pair.one_association.deliver_one(pair.two_association)
    pair.two.handle(0.0)
    assert (len(two.inbox), pair.two.dropped, pair.two_association.held) == (0, 1, 0)


def test_messages_of_a_lost_association_stay_readable() -> None:
    pair, _, two = channel_with_messages("kept")
    pair.two.association_lost("gone")
    assert pair.two.read(two, 0.0) == "kept"
    assert pair.two_association.held == 4, "a dead association is not told"


def test_dcep_messages_never_count() -> None:
    pair = established_pair()
    pair.one.create("x" * 1000, now=0.0)
    pair.run()
    assert pair.two_association.held == pair.one_association.held == 0


def test_what_was_read_is_told_at_once_when_it_is_much() -> None:
    pair, _, two = channel_with_messages(bytes(40_000), bytes(40_000))
    pair.two.read(two, 0.0)
    assert pair.two_association.held == 80_000
    pair.two.read(two, 0.0)
    assert pair.two_association.held == 0


def test_what_was_read_is_told_with_the_next_input() -> None:
    pair, _, two = channel_with_messages(b"12345")
    pair.two.read(two, 0.0)
    pair.two.handle(0.0)
    assert pair.two_association.held == 0
