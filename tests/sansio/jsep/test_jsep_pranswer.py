"""Provisional answers on both sides."""

import pytest

from purertc.errors import InvalidStateError, SdpError
from purertc.sansio.description import SessionDescription
from purertc.sansio.types import SdpType, SignalingState
from tests.support.negotiators import Side
from tests.support.remote_sdp import answer_to, offer


def test_a_local_pranswer_then_the_answer() -> None:
    side = Side(1)
    side.set_remote(offer())
    answer = side.answer()
    applied = side.set_local(SessionDescription("pranswer", answer.sdp))
    assert applied.transport_ready
    assert side.signaling() is SignalingState.HAVE_LOCAL_PRANSWER
    assert side.local.type is SdpType.PRANSWER
    assert side.negotiator.current_local_description is None
    final = side.set_local(answer)
    assert final.dtls_client is applied.dtls_client
    assert side.local == answer
    assert side.signaling() is SignalingState.STABLE


def test_a_remote_pranswer_then_the_answer() -> None:
    side = Side(1)
    side.set_local()
    answer = answer_to(side.local.sdp)
    applied = side.set_remote(SessionDescription("pranswer", answer.sdp))
    assert applied.transport_ready
    assert side.signaling() is SignalingState.HAVE_REMOTE_PRANSWER
    assert side.negotiator.current_remote_description is None
    final = side.set_remote(answer)
    assert (final.transport_ready, final.ice_restarted) == (True, False)
    assert side.signaling() is SignalingState.STABLE


def test_the_answer_may_not_change_the_role() -> None:
    side = Side(1)
    side.set_local()
    answer = answer_to(side.local.sdp)
    side.set_remote(SessionDescription("pranswer", answer.sdp))
    with pytest.raises(SdpError, match="DTLS roles"):
        side.set_remote(answer_to(side.local.sdp, setup="a=setup:passive"))


def test_no_offer_in_between() -> None:
    side = Side(1)
    side.set_local()
    side.set_remote(SessionDescription("pranswer", answer_to(side.local.sdp).sdp))
    before = side.state()
    with pytest.raises(InvalidStateError):
        side.offer()
    with pytest.raises(InvalidStateError):
        side.set_local()
    with pytest.raises(InvalidStateError):
        side.set_remote(offer())
    assert side.state() == before
