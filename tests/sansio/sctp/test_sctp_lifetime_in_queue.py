"""A message whose life ends while it waits is dropped on time, whatever blocks the queue."""

import pytest

from purertc.sansio.sctp import SctpAssociation, SctpConfig
from purertc.sansio.sctp.reliability import PartialMessage
from purertc.sansio.sctp.send_queue import SendQueue
from tests.support.sctp_pair import SctpPair


def blocked() -> SctpPair:
    """Return a pair whose right side reads nothing and has no room left."""
    pair = SctpPair(config=SctpConfig(receive_window=64_000, max_message_size=20_000)).connect()
    pair.right.reading = False
    for _ in range(10):
        pair.left.sctp.send(1, 53, bytes(10_000), pair.now)
    pair.run(2.0)
    assert pair.left.sctp.buffered(1)
    return pair


def test_the_deadline_tells_when_and_the_bytes_are_released() -> None:
    pair = blocked()
    pair.left.sctp.take_released()
    pair.left.sctp.send(2, 53, bytes(700), pair.now, lifetime=0.5)
    pair.left.sctp.send(2, 53, bytes(800), pair.now, lifetime=1.5)
    deadline = pair.left.sctp.next_deadline()
    assert deadline is not None
    assert deadline <= pair.now + 0.5
    pair.run(0.6)
    assert pair.left.sctp.take_released()[2] == 700
    pair.run(1.0)
    assert pair.left.sctp.take_released()[2] == 800
    assert pair.left.sctp.buffered(2) == 0


def test_a_message_of_which_a_part_was_sent_is_given_up_on_time() -> None:
    pair = SctpPair(config=SctpConfig(receive_window=64_000, max_message_size=60_000)).connect()
    pair.right.reading = False
    pair.left.sctp.send(1, 53, bytes(50_000), pair.now)
    pair.left.sctp.send(2, 53, bytes(50_000), pair.now, lifetime=3.0)
    pair.run(2.0)
    assert 0 < pair.left.sctp.buffered(2) < 50_000
    pair.run(2.0)
    assert pair.left.sctp.buffered(2) == 0
    assert pair.right.sctp._machines.receiver.reassembly.held == 50_000


def test_before_the_association_is_up() -> None:
    association = SctpAssociation(SctpConfig(), bytes)
    association.send(1, 53, b"too late", 0.0, lifetime=2.0)
    assert association.next_deadline() == 2.0
    association.handle_timeout(2.0)
    assert association.take_released() == {1: 8}
    assert association.next_deadline() is None


@pytest.mark.parametrize("room", [40, 1176])
def test_one_that_waits_for_the_next_packet_is_not_sent_late(room: int) -> None:
    queue = SendQueue(1160)
    queue.push(1, 53, bytes(500), True, PartialMessage(None, 1.0))
    queue.push(1, 53, b"next", True, None)
    if room == 40:
        assert queue.cut(0, room, 0.0) is None
    piece = queue.cut(0, 1176, 1.0)
    assert piece is not None
    assert piece[1] == 4
    assert queue.total() == 0


def test_one_behind_a_reliable_message_has_its_time_too() -> None:
    queue = SendQueue(1160)
    queue.push(1, 50, b"reliable", True, None)
    queue.push(1, 53, b"limited", True, PartialMessage(None, 5.0))
    queue.drop_expired(5.0)
    assert queue.total() == 15
    assert queue.cut(0, 1176, 4.0) is not None
    assert queue.expires == 5.0
    queue.drop_expired(5.0)
    assert queue.total() == 0
    assert not queue.has_work()
    assert queue.expires is None
