"""A data section that is rejected keeps its place and may be used again."""

from tests.support.negotiators import Side, exchange
from tests.support.remote_sdp import answer_to, offer

REJECTED = "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"


def test_rejected_by_the_answer() -> None:
    side = Side(1)
    side.set_local()
    applied = side.set_remote(answer_to(side.local.sdp, m=REJECTED, ice_ufrag="", setup=""))
    assert not applied.data_accepted
    assert not applied.transport_ready
    assert applied.remote is None
    assert not side.negotiator.negotiation_needed(True)


def test_it_is_offered_again_in_its_place_with_a_new_mid() -> None:
    side = Side(1)
    side.set_local()
    side.set_remote(answer_to(side.local.sdp, m=REJECTED))
    again = side.offer().sdp
    assert again.count("m=application") == 1
    assert "a=mid:1\r\n" in again
    assert "a=group:BUNDLE 1\r\n" in again
    side.set_local()
    assert side.set_remote(answer_to(side.local.sdp)).transport_ready


def test_a_closed_offer_is_answered_as_rejected() -> None:
    side = Side(1)
    applied = side.set_remote(offer(m=REJECTED))
    assert not applied.data_accepted
    assert not side.set_local().transport_ready
    assert f"{REJECTED}\r\n" in side.local.sdp
    assert "a=group" not in side.local.sdp


def test_data_may_be_removed_by_a_later_offer() -> None:
    side = Side(1)
    side.set_remote(offer())
    assert side.set_local().transport_ready
    assert not side.set_remote(offer(m=REJECTED)).data_accepted
    assert not side.set_local().data_accepted
    assert side.negotiator.data_section is None


def test_it_stays_rejected_without_channels() -> None:
    side = Side(1)
    side.set_remote(offer(m=REJECTED))
    side.set_local()
    side.data = False
    assert "m=application 0 " in side.offer().sdp


def test_once_negotiated_it_stays_without_channels() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    b.data = False
    assert "m=application 9 " in b.offer().sdp
