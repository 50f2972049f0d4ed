"""What a running transport cannot change is refused before anything moves."""

import re

import pytest

from purertc.errors import SdpError
from purertc.sansio.description import SessionDescription
from purertc.sansio.types import SignalingState
from tests.support.peer_pair import PeerPair

CHANGES = {
    "new name": (r"a=ice-ufrag:.*", "a=ice-ufrag:newufrag"),
    "new password": (r"a=ice-pwd:.*", "a=ice-pwd:" + "n" * 24),
    "lite now": (r"t=0 0", "t=0 0\r\na=ice-lite"),
    "new port": (r"a=sctp-port:.*", "a=sctp-port:5001"),
}

IN_AN_ANSWER = "new name", "new password"
"""An offer with these restarts ICE; an answer may not do so on its own."""


def change(description: SessionDescription | None, name: str) -> SessionDescription:
    assert description is not None
    pattern, text = CHANGES[name]
    changed, count = re.subn(rf"(?m)^{pattern}\r$", text + "\r", description.sdp)
    assert count == 1
    return SessionDescription(description.type, changed)


def check_still_usable(pair: PeerPair) -> None:
    (channel,) = pair.b.announced
    pair.b.peer.send(channel, "still here", pair.now)
    assert pair.run(lambda: ["still here"] in pair.a.messages.values())


def connected() -> PeerPair:
    pair = PeerPair()
    pair.connect()
    return pair


@pytest.mark.parametrize("name", sorted(set(CHANGES) - set(IN_AN_ANSWER)))
def test_in_an_offer(name: str) -> None:
    pair = connected()
    offer = change(pair.b.peer.create_offer(), name)
    before = pair.a.peer.remote_description
    with pytest.raises(SdpError, match="new connection"):
        pair.a.peer.set_remote_description(offer, pair.now)
    assert pair.a.peer.signaling_state is SignalingState.STABLE
    assert pair.a.peer.remote_description == before
    check_still_usable(pair)
    pair.negotiate(pair.b)


@pytest.mark.parametrize("name", CHANGES)
def test_in_an_answer(name: str) -> None:
    pair = connected()
    pair.a.peer.set_local_description(None, pair.now)
    offer = pair.a.peer.local_description
    assert offer is not None
    pair.b.peer.set_remote_description(offer, pair.now)
    pair.b.peer.set_local_description(None, pair.now)
    answer = pair.b.peer.local_description
    reason = "did not restart ICE" if name in IN_AN_ANSWER else "new connection"
    with pytest.raises(SdpError, match=reason):
        pair.a.peer.set_remote_description(change(answer, name), pair.now)
    assert pair.a.peer.signaling_state is SignalingState.HAVE_LOCAL_OFFER
    check_still_usable(pair)
    assert answer is not None
    pair.a.peer.set_remote_description(answer, pair.now)
    assert pair.a.peer.descriptions.pending_local_description is None


def test_after_a_provisional_answer() -> None:
    pair = PeerPair()
    pair.a.peer.create_data_channel("x", now=pair.now)
    pair.a.peer.set_local_description(None, pair.now)
    pair.drain(pair.a)
    offer = pair.a.peer.local_description
    assert offer is not None
    pair.b.peer.set_remote_description(offer, pair.now)
    provisional = SessionDescription("pranswer", pair.b.peer.create_answer().sdp)
    pair.a.peer.set_remote_description(provisional, pair.now)
    other = change(SessionDescription("answer", provisional.sdp), "new name")
    with pytest.raises(SdpError, match="did not restart ICE"):
        pair.a.peer.set_remote_description(other, pair.now)
    assert pair.a.peer.signaling_state is SignalingState.HAVE_REMOTE_PRANSWER
