"""A path that breaks: disconnected after seconds, failed later, and back again if it heals."""

from purertc.sansio.types import ConnectionState
from tests.support.peer_pair import PeerPair


def test_silence_disconnects_and_then_fails() -> None:
    pair = PeerPair()
    pair.connect()
    begin = pair.now
    pair.loss = 1.0
    assert pair.run(lambda: pair.a.peer.connection_state is ConnectionState.DISCONNECTED, 20)
    assert 3 <= pair.now - begin <= 8
    assert pair.run(lambda: pair.a.peer.connection_state is ConnectionState.FAILED, 60)
    assert 25 <= pair.now - begin <= 40
    assert pair.a.peer.close_reason


def test_a_path_that_heals_connects_again() -> None:
    pair = PeerPair()
    channel = pair.connect()
    pair.loss = 1.0
    assert pair.run(lambda: pair.a.peer.connection_state is ConnectionState.DISCONNECTED, 20)
    pair.a.peer.send(channel, "late", pair.now)
    pair.run(timeout=3)
    pair.loss = 0.0
    assert pair.run(lambda: pair.a.peer.connection_state is ConnectionState.CONNECTED, 20)
    (remote,) = pair.b.announced
    assert pair.run(lambda: pair.b.messages.get(remote) == ["late"], 30)


def test_an_hour_of_idling_keeps_the_connection() -> None:
    pair = PeerPair()
    channel = pair.connect()
    pair.run(timeout=3600)
    assert pair.a.peer.connection_state is ConnectionState.CONNECTED
    pair.a.peer.send(channel, "awake", pair.now)
    (remote,) = pair.b.announced
    assert pair.run(lambda: pair.b.messages.get(remote) == ["awake"])
