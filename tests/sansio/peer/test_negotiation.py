"""Offer and answer at the level of the peer: early candidates, re-offers, glare, mistakes."""

import pytest

from purertc.errors import InvalidStateError, SdpError
from purertc.sansio.description import IceCandidate, SessionDescription
from purertc.sansio.events import NegotiationNeeded, SignalingStateChanged
from purertc.sansio.types import ConnectionState, SignalingState
from tests.support.peer_pair import PeerPair


def test_the_first_channel_wants_an_offer_once() -> None:
    pair = PeerPair()
    pair.a.peer.create_data_channel("one", now=pair.now)
    pair.a.peer.create_data_channel("two", now=pair.now)
    pair.drain(pair.a)
    assert len(pair.a.of(NegotiationNeeded)) == 1
    pair.negotiate()
    assert pair.run(lambda: len(pair.b.announced) == 2)
    pair.a.peer.create_data_channel("three", now=pair.now)
    assert pair.run(lambda: len(pair.b.announced) == 3)
    assert len(pair.a.of(NegotiationNeeded)) == 1


def test_candidates_after_the_close_are_refused() -> None:
    pair = PeerPair()
    pair.a.peer.close(pair.now)
    with pytest.raises(InvalidStateError, match="closed"):
        pair.a.peer.add_ice_candidate(None, pair.now)


def test_candidates_before_the_answer_are_kept() -> None:
    pair = PeerPair()
    pair.a.trickles = pair.b.trickles = False
    pair.a.peer.create_data_channel("x", now=pair.now)
    offer = pair.a.peer.create_offer()
    pair.a.peer.set_local_description(offer, pair.now)
    pair.b.peer.set_remote_description(offer, pair.now)
    host, port = pair.a.address
    line = f"candidate:1 1 udp 2130706431 {host} {port} typ host"
    pair.b.peer.add_ice_candidate(IceCandidate(line, "0", 0), pair.now)
    pair.b.peer.add_ice_candidate(None, pair.now)
    answer = pair.b.peer.create_answer()
    pair.b.peer.set_local_description(answer, pair.now)
    pair.a.peer.set_remote_description(answer, pair.now)
    assert pair.run(lambda: pair.a.peer.connection_state is ConnectionState.CONNECTED)


@pytest.mark.parametrize("offerer", ["a", "b"])
def test_a_second_exchange_keeps_the_connection(offerer: str) -> None:
    pair = PeerPair()
    channel = pair.connect()
    pair.negotiate(getattr(pair, offerer))
    pair.a.peer.send(channel, "still here", pair.now)
    (remote,) = pair.b.announced
    assert pair.run(lambda: pair.b.messages.get(remote) == ["still here"])
    assert pair.a.states == [ConnectionState.CONNECTING, ConnectionState.CONNECTED]


def test_glare_rolls_the_own_offer_back() -> None:
    pair = PeerPair()
    for side in (pair.a, pair.b):
        side.peer.create_data_channel("x", now=pair.now)
        side.peer.set_local_description(None, pair.now)
        pair.drain(side)
    offer = pair.a.peer.local_description
    assert offer is not None
    pair.b.peer.set_remote_description(offer, pair.now)
    pair.drain(pair.b)
    assert [event.state for event in pair.b.of(SignalingStateChanged)] == [
        SignalingState.HAVE_LOCAL_OFFER,
        SignalingState.STABLE,
        SignalingState.HAVE_REMOTE_OFFER,
    ]
    pair.b.peer.set_local_description(None, pair.now)
    pair.drain(pair.b)
    answer = pair.b.peer.local_description
    assert answer is not None
    pair.a.peer.set_remote_description(answer, pair.now)
    assert pair.run(lambda: bool(pair.a.announced and pair.b.announced))


def test_an_answer_without_an_offer() -> None:
    pair = PeerPair()
    pair.connect()
    answer = pair.b.peer.local_description
    assert answer is not None
    with pytest.raises(InvalidStateError):
        pair.a.peer.set_remote_description(answer, pair.now)
    assert pair.a.peer.signaling_state is SignalingState.STABLE


def test_text_that_is_no_sdp_changes_nothing() -> None:
    pair = PeerPair()
    with pytest.raises(SdpError):
        pair.a.peer.set_remote_description(SessionDescription("offer", "hello"), pair.now)
    assert pair.a.peer.signaling_state is SignalingState.STABLE
    assert pair.connect().state == "open"


def test_a_wrong_fingerprint_fails_the_connection() -> None:
    pair = PeerPair()
    pair.a.peer.create_data_channel("x", now=pair.now)
    pair.a.peer.set_local_description(None, pair.now)
    pair.drain(pair.a)
    offer = pair.a.peer.local_description
    assert offer is not None
    lines = offer.sdp.split("\r\n")
    forged = [
        f"{line.rpartition(' ')[0]} {':'.join(['00'] * (line.count(':') - 0))}"
        if line.startswith("a=fingerprint:")
        else line
        for line in lines
    ]
    pair.b.peer.set_remote_description(SessionDescription("offer", "\r\n".join(forged)), pair.now)
    pair.b.peer.set_local_description(None, pair.now)
    pair.drain(pair.b)
    answer = pair.b.peer.local_description
    assert answer is not None
    pair.a.peer.set_remote_description(answer, pair.now)
    assert pair.run(lambda: pair.b.peer.connection_state is ConnectionState.FAILED)
    assert "fingerprint" in (pair.b.peer.close_reason or "")
    assert pair.b.announced == []
