"""An association ends by shutdown, by abort, or because the peer is dead."""

import pytest

from purertc.sansio.sctp import AssociationClosed, AssociationState, SctpConfig
from purertc.wire.sctp.chunks import ChunkType
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair, chunks_in

DONE = AssociationClosed("the association was shut down", aborted=False)


def closed(pair: SctpPair) -> bool:
    return all(isinstance(end.events[-1], AssociationClosed) for end in pair.ends)


def test_shutdown_delivers_what_is_queued_on_both_sides() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(1, 53, bytes(50_000), pair.now)
    pair.right.sctp.send(1, 53, bytes(50_000), pair.now)
    pair.left.sctp.shutdown(pair.now)
    assert pair.left.sctp.state is AssociationState.SHUTDOWN_PENDING
    assert pair.link.run(10.0, lambda: closed(pair))
    for end in pair.ends:
        assert len(end.messages) == 1
        assert end.events[-1] == DONE
        assert end.sctp.next_deadline() is None


def test_both_shut_down_at_once() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.shutdown(pair.now)
    pair.right.sctp.shutdown(pair.now)
    assert pair.link.run(5.0, lambda: closed(pair))
    assert [end.events[-1] for end in pair.ends] == [DONE, DONE]


@pytest.mark.parametrize("seed", range(20))
def test_shutdown_under_loss(seed: int) -> None:
    pair = SctpPair(seed=seed, conditions=LinkConditions(loss=0.2)).connect(60.0)
    pair.left.sctp.send(1, 53, bytes(5_000), pair.now)
    pair.left.sctp.shutdown(pair.now)
    assert pair.link.run(60.0, lambda: closed(pair))
    assert len(pair.right.messages) == 1
    assert [end.events[-1] for end in pair.ends] == [DONE, DONE]


def test_abort_tells_the_peer_why() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.abort("enough")
    assert pair.left.sctp.state is AssociationState.CLOSED
    pair.run(1.0)
    pair.left.collect(pair.now)
    assert pair.left.events[-1] == AssociationClosed("enough", aborted=True)
    event = pair.right.events[-1]
    assert isinstance(event, AssociationClosed)
    assert event.aborted
    assert "user initiated abort: enough" in event.reason


def test_a_peer_that_missed_the_abort_is_told_again() -> None:
    pair = SctpPair().connect()
    pair.link.drop = lambda sender, packet: True
    pair.left.sctp.abort("enough")
    pair.run(0.1)
    pair.link.drop = None
    pair.right.sctp.send(1, 53, b"anyone there?", pair.now)
    pair.run(1.0)
    assert pair.right.events[-1] == AssociationClosed("the peer has lost the association", True)


def test_abort_before_anything_is_quiet() -> None:
    pair = SctpPair()
    pair.left.sctp.abort("never mind")
    assert pair.left.sctp.packets(pair.now) == []
    assert pair.left.sctp.next_event() == AssociationClosed("never mind", aborted=True)
    assert pair.left.sctp.next_event() is None


def test_an_unanswered_message_ends_the_association() -> None:
    pair = SctpPair(config=SctpConfig(max_retransmits=5)).connect()
    pair.link.drop = lambda sender, packet: True
    pair.left.sctp.send(1, 53, b"hello?", pair.now)
    pair.run(120.0)
    assert pair.left.events[-1] == AssociationClosed("the peer does not answer", aborted=True)
    assert pair.left.sctp.state is AssociationState.CLOSED


def test_heartbeats_keep_an_idle_association_alive() -> None:
    pair = SctpPair().connect()
    beats = [0]

    def count(sender: int, packet: bytes) -> bool:
        beats[0] += any(kind == ChunkType.HEARTBEAT for kind, _, _ in chunks_in(packet))
        return False

    pair.link.drop = count
    pair.run(301.0)
    assert pair.established()
    assert 16 <= beats[0] <= 20


def test_heartbeats_notice_a_dead_peer() -> None:
    pair = SctpPair(config=SctpConfig(max_retransmits=5)).connect()
    pair.link.drop = lambda sender, packet: True
    pair.run(120.0)
    for end in pair.ends:
        assert end.events[-1] == AssociationClosed("the peer does not answer", aborted=True)
