"""Two peers connect over a link that loses datagrams."""

import pytest

from purertc.sansio.events import (
    ConnectionStateChanged,
    IceCandidateGathered,
    IceConnectionStateChanged,
    IceGatheringStateChanged,
    SignalingStateChanged,
)
from purertc.sansio.types import ConnectionState, IceConnectionState
from tests.support.peer_pair import PeerPair


def test_states_come_in_order() -> None:
    pair = PeerPair()
    pair.connect()
    order = [type(event) for event in pair.a.events]
    assert order.index(SignalingStateChanged) < order.index(IceGatheringStateChanged)
    assert order.index(IceGatheringStateChanged) < order.index(IceCandidateGathered)
    assert order.index(IceConnectionStateChanged) < order.index(ConnectionStateChanged)
    assert pair.a.states == [ConnectionState.CONNECTING, ConnectionState.CONNECTED]
    ice = [event.state for event in pair.a.of(IceConnectionStateChanged)]
    assert ice[0] is IceConnectionState.CHECKING
    assert ice[-1] in {IceConnectionState.CONNECTED, IceConnectionState.COMPLETED}


def test_connecting_takes_few_round_trips() -> None:
    pair = PeerPair(delay=0.05)
    begin = pair.now
    pair.connect()
    assert pair.now - begin < 1.0


@pytest.mark.parametrize("loss", [0.05, 0.2])
@pytest.mark.parametrize("seed", range(12))
def test_loss_only_delays(loss: float, seed: int) -> None:
    pair = PeerPair(seed=seed, loss=loss)
    channel = pair.connect()
    pair.a.peer.send(channel, "hello", pair.now)
    (remote,) = pair.b.announced
    assert pair.run(lambda: pair.b.messages.get(remote) == ["hello"])


def test_a_peer_that_is_alone_fails() -> None:
    pair = PeerPair(loss=1.0)
    pair.a.peer.create_data_channel("x", now=pair.now)
    pair.negotiate()
    assert pair.run(lambda: pair.a.peer.connection_state is ConnectionState.FAILED, timeout=90)
    assert pair.a.peer.close_reason
