"""A restart that is rolled back leaves the former generation as it was."""

from purertc.sansio.description import SessionDescription
from tests.support.negotiators import Side, credentials, exchange
from tests.support.remote_sdp import answer_to, offer

ROLLBACK = SessionDescription("rollback")
HOST = "candidate:1 1 udp 2130706431 192.0.2.2 5000 typ host"
OTHER = "candidate:2 1 udp 2130706431 192.0.2.2 5001 typ host"


def connected() -> tuple[Side, Side]:
    a, b = Side(1), Side(2)
    exchange(a, b)
    a.negotiator.add_local_candidate(HOST)
    a.negotiator.end_of_local_candidates()
    return a, b


def test_our_offer_taken_back() -> None:
    a, b = connected()
    before = a.state()
    a.ice = credentials(3)
    assert not a.set_local().restart_rolled_back
    a.negotiator.add_local_candidate(OTHER)
    applied = a.set_local(ROLLBACK)
    assert (applied.rolled_back, applied.restart_rolled_back) == (True, True)
    assert a.state() == before
    a.ice = credentials(1)
    assert not any(applied.ice_restarted for applied in exchange(a, b))
    assert HOST in a.local.sdp
    assert OTHER not in a.local.sdp


def test_our_offer_without_a_restart_taken_back() -> None:
    a, _ = connected()
    a.set_local()
    assert not a.set_local(ROLLBACK).restart_rolled_back


def test_our_offer_replaced_by_one_that_does_not_restart() -> None:
    a, _ = connected()
    a.ice = credentials(3)
    a.set_local()
    assert not a.set_local().restart_rolled_back
    a.ice = credentials(1)
    assert a.set_local().restart_rolled_back
    assert HOST in a.local.sdp
    assert not a.negotiator.local_offer_restarts


def test_our_offer_answered_without_data() -> None:
    side = Side(1)
    side.set_local()
    side.set_remote(answer_to(side.local.sdp))
    side.ice = credentials(3)
    side.set_local()
    rejected = "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"
    applied = side.set_remote(answer_to(side.local.sdp, m=rejected))
    assert (applied.restart_rolled_back, applied.ice_restarted) == (True, False)


def test_their_offer_taken_back() -> None:
    side = Side(1)
    side.set_remote(offer())
    side.set_local()
    side.set_remote(offer(ice_ufrag="a=ice-ufrag:newfrag"))
    applied = side.set_remote(ROLLBACK)
    assert (applied.rolled_back, applied.restart_rolled_back) == (True, False)
    assert not side.negotiator.remote_wants_restart
    side.set_remote(offer())
    assert not side.set_local().ice_restarted


def test_glare_of_two_restarts() -> None:
    polite, impolite = connected()
    polite.ice, impolite.ice = credentials(3), credentials(4)
    polite.set_local()
    impolite.set_local()
    received = polite.set_remote(impolite.local)
    assert (received.rolled_back, received.restart_rolled_back) == (True, True)
    assert polite.negotiator.remote_wants_restart
    polite.ice = credentials(5)
    answered = polite.set_local()
    learned = impolite.set_remote(polite.local)
    assert (answered.ice_restarted, learned.ice_restarted) == (True, True)
    assert learned.remote is not None
    assert learned.remote.ice == credentials(5)


def test_glare_of_a_restart_with_an_offer_that_keeps_the_credentials() -> None:
    polite, impolite = connected()
    polite.ice = credentials(3)
    polite.set_local()
    impolite.set_local()
    assert polite.set_remote(impolite.local).restart_rolled_back
    assert not polite.negotiator.remote_wants_restart
    polite.ice = credentials(1)
    assert not polite.set_local().ice_restarted
    assert HOST in polite.local.sdp
    assert "a=end-of-candidates" in polite.local.sdp
    assert not impolite.set_remote(polite.local).ice_restarted


def test_glare_of_an_offer_that_keeps_the_credentials_with_a_restart() -> None:
    polite, impolite = connected()
    impolite.ice = credentials(4)
    polite.set_local()
    impolite.set_local()
    assert not polite.set_remote(impolite.local).restart_rolled_back
    polite.ice = credentials(3)
    assert polite.set_local().ice_restarted
    assert HOST not in polite.local.sdp
    assert impolite.set_remote(polite.local).ice_restarted
