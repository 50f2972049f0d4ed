"""Rollback of offers, explicit and implicit (RFC 8829 section 4.1.10.2)."""

import pytest

from purertc.errors import InvalidStateError, SdpError
from purertc.sansio.description import SessionDescription
from purertc.sansio.types import SignalingState
from tests.support.negotiators import Side, exchange
from tests.support.remote_sdp import offer

ROLLBACK = SessionDescription("rollback")


def test_a_local_offer() -> None:
    side = Side(1)
    before = side.state()
    side.set_local()
    assert side.set_local(ROLLBACK).rolled_back
    assert side.state() == before
    side.set_local(side.offer())


def test_a_remote_offer() -> None:
    side = Side(1)
    before = side.state()
    side.set_remote(offer())
    applied = side.set_remote(ROLLBACK)
    assert applied.rolled_back
    assert not applied.transport_ready
    assert side.state() == before


def test_what_was_negotiated_before_is_back() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    before = a.state()
    a.set_local()
    applied = a.set_local(ROLLBACK)
    assert a.state() == before
    assert applied.transport_ready
    assert applied.remote is not None
    assert applied.remote.ice == b.ice


def test_glare_rolls_our_offer_back() -> None:
    polite, impolite = Side(1), Side(2)
    polite.set_local()
    impolite.set_local()
    applied = polite.set_remote(impolite.local)
    assert applied.rolled_back
    assert not applied.controlling
    assert polite.signaling() is SignalingState.HAVE_REMOTE_OFFER
    assert polite.negotiator.pending_local_description is None
    assert polite.set_local().transport_ready
    assert impolite.set_remote(polite.local).transport_ready


def test_a_bad_offer_does_not_roll_ours_back() -> None:
    side = Side(1)
    side.set_local()
    before = side.state()
    with pytest.raises(SdpError):
        side.set_remote(offer(ice_pwd=""))
    assert side.state() == before


def test_our_offer_is_out_of_date_after_glare() -> None:
    side = Side(1)
    ours = side.offer()
    side.set_local(ours)
    side.set_remote(offer())
    side.set_remote(ROLLBACK)
    with pytest.raises(SdpError, match="out of date"):
        side.set_local(ours)


def test_nothing_to_roll_back() -> None:
    side = Side(1)
    for apply in (side.set_local, side.set_remote):
        with pytest.raises(InvalidStateError):
            apply(ROLLBACK)


def test_each_side_rolls_back_its_own_call() -> None:
    side = Side(1)
    side.set_local()
    with pytest.raises(InvalidStateError, match="have-remote-offer"):
        side.set_remote(ROLLBACK)
    side.set_local(ROLLBACK)
    side.set_remote(offer())
    with pytest.raises(InvalidStateError, match="have-local-offer"):
        side.set_local(ROLLBACK)


def test_an_answer_cannot_be_rolled_back() -> None:
    side = Side(1)
    side.set_remote(offer())
    side.set_local(SessionDescription("pranswer"))
    for apply in (side.set_local, side.set_remote):
        with pytest.raises(InvalidStateError):
            apply(ROLLBACK)


def test_a_second_remote_offer_replaces_the_first() -> None:
    side = Side(1)
    side.set_remote(offer())
    stale = side.answer()
    second = offer(ice_ufrag="a=ice-ufrag:other")
    applied = side.set_remote(second)
    assert not applied.rolled_back
    assert side.negotiator.remote_description == second
    with pytest.raises(SdpError, match="out of date"):
        side.set_local(stale)
    answered = side.set_local()
    assert answered.remote is not None
    assert answered.remote.ice.username_fragment == "other"
