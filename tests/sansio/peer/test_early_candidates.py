"""Candidates that come before the description they belong to, or again, or for nobody."""

import pytest

from purertc.errors import ArgumentError, SdpError
from purertc.sansio.description import IceCandidate, SessionDescription
from purertc.sansio.events import IceCandidateGathered
from purertc.sansio.types import DataChannelState
from tests.support.peer_pair import PeerPair, Side


def bare(description: SessionDescription | None) -> SessionDescription:
    """The description as it would be signalled before gathering."""
    assert description is not None
    lines = [
        line
        for line in description.sdp.splitlines()
        if not line.startswith(("a=candidate", "a=end-of-candidates"))
    ]
    return SessionDescription(description.type, "\r\n".join(lines) + "\r\n")


def offered(pair: PeerPair) -> list[IceCandidate | None]:
    """Let side a make an offer; return its candidates."""
    pair.a.peer.set_local_description(None, pair.now)
    pair.a.trickles = pair.b.trickles = False
    pair.drain(pair.a)
    return gathered(pair.a)


def gathered(side: Side) -> list[IceCandidate | None]:
    return [event.candidate for event in side.of(IceCandidateGathered)]


def test_candidates_wait_for_the_description() -> None:
    pair = PeerPair()
    channel = pair.a.peer.create_data_channel("x", now=pair.now)
    candidates = offered(pair)
    assert len(candidates) == 2
    for candidate in [*candidates, *candidates]:
        pair.b.peer.add_ice_candidate(candidate, pair.now)
    pair.b.peer.set_remote_description(bare(pair.a.peer.local_description), pair.now)
    pair.b.peer.set_local_description(None, pair.now)
    pair.drain(pair.b)
    pair.a.peer.set_remote_description(bare(pair.b.peer.local_description), pair.now)
    assert pair.run(lambda: channel.state is DataChannelState.OPEN)
    shown = pair.b.peer.remote_description
    assert shown is not None
    assert shown.sdp.count("a=candidate:") == 1


def test_an_early_candidate_for_no_section_is_dropped_when_the_description_comes() -> None:
    pair = PeerPair()
    pair.a.peer.create_data_channel("x", now=pair.now)
    offered(pair)
    stray = IceCandidate("candidate:1 1 udp 1 192.0.2.9 9999 typ host", "no such mid")
    pair.b.peer.add_ice_candidate(stray, pair.now)
    pair.b.peer.set_remote_description(bare(pair.a.peer.local_description), pair.now)
    pair.b.peer.set_local_description(None, pair.now)
    assert pair.b.peer.transport.ice.remote_candidates == ()
    with pytest.raises(ArgumentError, match="no such mid"):
        pair.b.peer.add_ice_candidate(stray, pair.now)


def test_an_early_candidate_that_cannot_be_read_is_refused_at_once() -> None:
    pair = PeerPair()
    with pytest.raises(SdpError):
        pair.b.peer.add_ice_candidate(IceCandidate("candidate:nonsense", "0"), pair.now)


def test_early_candidates_are_bounded() -> None:
    pair = PeerPair()
    for number in range(1000):
        text = f"candidate:1 1 udp 1 192.0.2.9 {number + 1} typ host"
        pair.b.peer.add_ice_candidate(IceCandidate(text, "0"), pair.now)
    assert len(pair.b.peer._trickle._early) == 100
    assert pair.b.peer._trickle.ignored == 900
