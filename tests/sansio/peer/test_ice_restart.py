"""An ICE restart finds new paths under running channels, whoever asks for it."""

import pytest

from purertc.sansio.datachannel import Channel
from purertc.sansio.description import SessionDescription
from purertc.sansio.events import (
    IceCandidateGathered,
    IceGatheringStateChanged,
    NegotiationNeeded,
)
from purertc.sansio.types import ConnectionState, SdpType, SignalingState
from tests.support.peer_pair import PeerPair, Side


def fragment(side: Side) -> str:
    return side.peer.transport.ice.local_parameters.username_fragment


def connected() -> tuple[PeerPair, Channel]:
    pair = PeerPair()
    channel = pair.connect()
    return pair, channel


def arrives(pair: PeerPair, channel: Channel, text: str) -> bool:
    """Whether a message of side a comes to side b."""
    pair.a.peer.send(channel, text, pair.now)
    (theirs,) = pair.b.announced
    return pair.run(lambda: text in pair.b.messages.get(theirs, []), 10.0)


@pytest.mark.parametrize("offerer", ["a", "b"])
def test_both_sides_get_new_credentials_and_candidates(offerer: str) -> None:
    pair, channel = connected()
    side = getattr(pair, offerer)
    before = fragment(pair.a), fragment(pair.b)
    gathered = len(side.of(IceCandidateGathered))
    side.peer.restart_ice()
    pair.drain(side)
    assert len(side.of(NegotiationNeeded)) == (2 if offerer == "a" else 1)
    pair.negotiate(side)
    pair.run(timeout=5.0)
    assert fragment(pair.a) != before[0]
    assert fragment(pair.b) != before[1]
    assert len(side.of(IceCandidateGathered)) == 2 * gathered
    assert arrives(pair, channel, "after the restart")
    assert pair.a.states == pair.b.states == [ConnectionState.CONNECTING, ConnectionState.CONNECTED]
    assert not side.peer.transport.ice.restarting


def test_create_offer_restarts_without_a_wish_before() -> None:
    pair, channel = connected()
    before = fragment(pair.a)
    offer = pair.a.peer.create_offer(ice_restart=True)
    assert before not in offer.sdp
    pair.a.peer.set_local_description(offer, pair.now)
    pair.drain(pair.a)
    assert f"a=ice-ufrag:{fragment(pair.a)}\r\n" in offer.sdp
    states = [event.state for event in pair.a.of(IceGatheringStateChanged)]
    assert states == ["gathering", "complete"] * 2
    assert arrives(pair, channel, "the old path carries data meanwhile")


def test_a_restart_that_is_not_wanted_keeps_the_credentials() -> None:
    pair, _ = connected()
    pair.a.peer.create_offer(ice_restart=True)
    offer = pair.a.peer.create_offer()
    assert f"a=ice-ufrag:{fragment(pair.a)}\r\n" in offer.sdp


def test_a_restart_is_rolled_back_with_its_offer() -> None:
    pair, channel = connected()
    before = fragment(pair.a)
    pair.a.peer.restart_ice()
    pair.a.peer.set_local_description(None, pair.now)
    assert fragment(pair.a) != before
    pair.a.peer.set_local_description(SessionDescription(SdpType.ROLLBACK), pair.now)
    assert fragment(pair.a) == before
    assert arrives(pair, channel, "nothing happened")


def test_the_wish_outlives_a_rollback() -> None:
    pair, channel = connected()
    before = fragment(pair.a)
    pair.a.peer.restart_ice()
    pair.a.peer.set_local_description(None, pair.now)
    pair.a.peer.set_local_description(SessionDescription(SdpType.ROLLBACK), pair.now)
    pair.negotiate(pair.a)
    assert fragment(pair.a) != before
    assert arrives(pair, channel, "restarted after all")
    pair.drain(pair.a)
    assert pair.a.peer.signaling_state is SignalingState.STABLE


def test_glare_of_two_restarts() -> None:
    pair, channel = connected()
    before = fragment(pair.a), fragment(pair.b)
    for side in (pair.a, pair.b):
        side.peer.restart_ice()
        side.peer.set_local_description(None, pair.now)
        pair.drain(side)
    offer = pair.a.peer.local_description
    assert offer is not None
    pair.b.peer.set_remote_description(offer, pair.now)
    pair.b.peer.set_local_description(None, pair.now)
    pair.drain(pair.b)
    answer = pair.b.peer.local_description
    assert answer is not None
    pair.a.peer.set_remote_description(answer, pair.now)
    pair.run(timeout=5.0)
    assert fragment(pair.a) != before[0]
    assert fragment(pair.b) != before[1]
    assert arrives(pair, channel, "one restart for both")


def test_a_failed_connection_lives_again_and_nothing_is_lost() -> None:
    pair, channel = connected()
    pair.loss = 1.0
    pair.a.peer.send(channel, "sent into the void", pair.now)
    assert pair.run(lambda: pair.a.states[-1] is ConnectionState.FAILED, 60.0)
    pair.run(timeout=600.0)
    assert pair.a.peer.close_reason is not None
    pair.loss = 0.0
    pair.a.peer.restart_ice()
    pair.negotiate(pair.a)
    (theirs,) = pair.b.announced
    assert pair.run(lambda: pair.b.messages.get(theirs) == ["sent into the void"], 30.0)
    assert pair.a.peer.connection_state is ConnectionState.CONNECTED
    assert pair.a.peer.close_reason is None


def test_before_the_first_description_there_is_nothing_to_restart() -> None:
    pair = PeerPair()
    pair.a.peer.restart_ice()
    pair.drain(pair.a)
    assert pair.a.of(NegotiationNeeded) == []


def test_after_the_close_nothing_happens() -> None:
    pair, _ = connected()
    pair.a.peer.close(pair.now)
    pair.a.peer.restart_ice()
    pair.drain(pair.a)
    assert len(pair.a.of(NegotiationNeeded)) == 1
