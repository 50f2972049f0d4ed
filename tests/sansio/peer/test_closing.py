"""A connection closes on both sides, says why, and stays quiet afterwards."""

from purertc.sansio.events import ChannelClosed, ConnectionStateChanged, SignalingStateChanged
from purertc.sansio.types import ConnectionState, DataChannelState, SignalingState
from tests.support.peer_pair import PeerPair


def test_the_other_side_closes_as_well() -> None:
    pair = PeerPair()
    channel = pair.connect()
    pair.a.peer.close(pair.now)
    assert pair.run(lambda: pair.b.peer.connection_state is ConnectionState.CLOSED, timeout=1)
    assert channel.state is DataChannelState.CLOSED
    assert [event.channel for event in pair.b.of(ChannelClosed)] == pair.b.announced
    assert pair.b.peer.close_reason == "the other side closed the DTLS association"
    assert pair.a.peer.close_reason == "this side closed the connection"


def test_closing_twice_says_it_once() -> None:
    pair = PeerPair()
    pair.connect()
    pair.a.peer.close(pair.now)
    pair.a.peer.close(pair.now)
    pair.drain(pair.a)
    assert pair.a.states.count(ConnectionState.CLOSED) == 1
    closed = [event.state for event in pair.a.of(SignalingStateChanged)]
    assert closed.count(SignalingState.CLOSED) == 1


def test_nothing_is_pending_afterwards() -> None:
    pair = PeerPair()
    pair.connect()
    pair.a.peer.close(pair.now)
    pair.drain(pair.a)
    assert pair.a.peer.next_deadline() is None
    assert pair.a.peer.transmits(pair.now) == []
    pair.a.events.clear()
    pair.run(timeout=120)
    assert pair.a.of(ConnectionStateChanged) == []


def test_closing_before_any_negotiation() -> None:
    pair = PeerPair()
    pair.a.peer.close(pair.now)
    pair.drain(pair.a)
    assert pair.a.peer.connection_state is ConnectionState.CLOSED
    assert pair.a.peer.next_deadline() is None
