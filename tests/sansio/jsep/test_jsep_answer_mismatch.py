"""An answer must fit the offer; what does not fit is refused and changes nothing."""

import pytest

from purertc.errors import InvalidStateError, SdpError
from purertc.sansio.description import SessionDescription
from tests.support.negotiators import Side, exchange
from tests.support.remote_sdp import CHROMIUM_MEDIA_OFFER, answer_to, offer


def offered() -> Side:
    side = Side(1)
    side.set_local()
    return side


def test_more_sections_than_offered() -> None:
    side = offered()
    before = side.state()
    with pytest.raises(SdpError, match="3 m= sections, the offer has 1"):
        side.set_remote(SessionDescription("answer", CHROMIUM_MEDIA_OFFER))
    assert side.state() == before


def test_another_kind() -> None:
    side = offered()
    with pytest.raises(SdpError, match=r"line 8 .*the offer has 'application' in this place"):
        side.set_remote(answer_to(side.local.sdp, m="m=audio 9 UDP/TLS/RTP/SAVPF 0"))


def test_another_mid() -> None:
    side = offered()
    with pytest.raises(SdpError, match="the offer has mid '0' in this place"):
        side.set_remote(answer_to(side.local.sdp, mid="a=mid:1", group="a=group:BUNDLE 1"))


def test_a_mid_may_be_left_out() -> None:
    side = offered()
    assert side.set_remote(answer_to(side.local.sdp, mid="", group="")).transport_ready


def test_an_answer_without_an_offer() -> None:
    side = Side(1)
    before = side.state()
    with pytest.raises(InvalidStateError, match="have-local-offer or have-remote-pranswer"):
        side.set_remote(answer_to(Side(2).offer().sdp))
    with pytest.raises(InvalidStateError):
        side.set_local(SessionDescription("answer"))
    with pytest.raises(InvalidStateError, match="create_answer needs"):
        side.answer()
    assert side.state() == before


def test_the_right_answer_still_works_after_a_wrong_one() -> None:
    side = offered()
    with pytest.raises(SdpError):
        side.set_remote(SessionDescription("answer", "garbage"))
    assert side.set_remote(answer_to(side.local.sdp)).transport_ready


def test_an_answer_cannot_accept_what_was_offered_as_rejected() -> None:
    side = Side(1)
    side.set_remote(offer(CHROMIUM_MEDIA_OFFER))
    side.set_local()
    side.set_local()
    sdp = CHROMIUM_MEDIA_OFFER.replace("a=setup:actpass", "a=setup:passive")
    applied = side.set_remote(SessionDescription("answer", sdp))
    assert applied.remote is not None
    assert applied.remote.m_line_index == 2
    assert side.offer().sdp.count("m=audio 0 ") == 1


def test_a_later_offer_may_not_drop_sections() -> None:
    side = Side(1)
    side.set_remote(offer(CHROMIUM_MEDIA_OFFER))
    side.set_local()
    with pytest.raises(SdpError, match="1 m= sections where 3 were negotiated"):
        side.set_remote(offer())


def test_a_section_in_use_may_not_change() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    a.set_local()
    changed = a.local.sdp.replace("a=mid:0", "a=mid:x").replace("BUNDLE 0", "BUNDLE x")
    with pytest.raises(SdpError, match="a section in use may not change"):
        b.set_remote(SessionDescription("offer", changed))
