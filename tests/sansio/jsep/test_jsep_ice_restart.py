"""An offer with new ICE credentials restarts ICE on both sides (RFC 8839 section 4.4.1.1.1)."""

import pytest

from purertc.errors import InvalidStateError, SdpError
from purertc.sansio.description import SessionDescription
from purertc.sansio.types import IceParameters
from tests.support.negotiators import Side, credentials, exchange
from tests.support.remote_sdp import SHA256_OTHER, answer_to, offer

NEW = "a=ice-ufrag:newfrag"


def connected() -> tuple[Side, Side]:
    a, b = Side(1), Side(2)
    exchange(a, b)
    return a, b


def answering() -> Side:
    """One that has answered a browser's offer."""
    side = Side(1)
    side.set_remote(offer())
    side.set_local()
    return side


def test_both_sides_hear_of_it_once_when_both_credentials_are_known() -> None:
    a, b = connected()
    a.ice, b.ice = credentials(3), credentials(4)
    offered = a.set_local(a.offer())
    received = b.set_remote(a.local)
    answered = b.set_local(b.answer())
    learned = a.set_remote(b.local)
    flags = [each.ice_restarted for each in (offered, received, answered, learned)]
    assert flags == [False, False, True, True]
    assert answered.remote is not None
    assert answered.remote.ice == credentials(3)
    assert learned.remote is not None
    assert learned.remote.ice == credentials(4)


def test_the_next_exchange_is_no_restart_again() -> None:
    a, b = connected()
    a.ice, b.ice = credentials(3), credentials(4)
    exchange(a, b)
    assert [applied.ice_restarted for applied in exchange(a, b)] == [False, False]
    assert [applied.ice_restarted for applied in exchange(b, a)] == [False, False]


def test_either_side_may_restart_again_and_again() -> None:
    a, b = connected()
    for number in range(3, 23, 2):
        a.ice, b.ice = credentials(number), credentials(number + 1)
        assert [applied.ice_restarted for applied in exchange(a, b)] == [True, True]
        a, b = b, a


def test_who_wants_it_can_be_read_while_it_is_open() -> None:
    a, b = connected()
    a.ice, b.ice = credentials(3), credentials(4)
    a.set_local()
    assert wishes(a, b) == (True, False)
    b.set_remote(a.local)
    assert wishes(a, b) == (True, True)
    b.set_local()
    assert wishes(a, b) == (True, False)
    a.set_remote(b.local)
    assert wishes(a, b) == (False, False)


def wishes(offerer: Side, answerer: Side) -> tuple[bool, bool]:
    return offerer.negotiator.local_offer_restarts, answerer.negotiator.remote_wants_restart


def test_the_first_exchange_is_no_restart() -> None:
    a, b = Side(1), Side(2)
    a.set_local()
    b.set_remote(a.local)
    assert not a.negotiator.local_offer_restarts
    assert not b.negotiator.remote_wants_restart


def test_a_password_alone_is_a_restart_too() -> None:
    side = answering()
    side.set_remote(offer(ice_pwd="a=ice-pwd:" + "x" * 24))
    assert side.negotiator.remote_wants_restart


def test_roles_are_kept() -> None:
    a, b = connected()
    a.ice, b.ice = credentials(3), credentials(4)
    at_b, at_a = exchange(b, a)
    assert (at_a.controlling, at_b.controlling) == (True, False)
    assert (at_a.dtls_client, at_b.dtls_client) == (False, True)


def test_the_answer_to_a_restart_needs_new_credentials() -> None:
    side = answering()
    side.set_remote(offer(ice_ufrag=NEW))
    before = side.state()
    with pytest.raises(InvalidStateError, match="must have new ICE credentials"):
        side.answer()
    with pytest.raises(InvalidStateError, match="must have new ICE credentials"):
        side.set_local()
    assert side.state() == before
    side.ice = credentials(3)
    assert side.set_local(side.answer()).ice_restarted


def test_an_answer_alone_cannot_restart() -> None:
    side = answering()
    side.set_remote(offer())
    side.ice = credentials(3)
    with pytest.raises(InvalidStateError, match="only when the offer restarts"):
        side.answer()


@pytest.mark.parametrize(
    "half", [IceParameters("frag3", credentials(1).password), IceParameters("frag1", "p" * 22)]
)
def test_ours_must_be_new_in_both_parts(half: IceParameters) -> None:
    side = answering()
    side.ice = half
    with pytest.raises(InvalidStateError, match="new username fragment and password"):
        side.offer()
    side.set_remote(offer(ice_ufrag=NEW))
    with pytest.raises(InvalidStateError, match="new username fragment and password"):
        side.answer()


def test_an_answer_that_does_not_restart_is_refused() -> None:
    side = Side(1)
    side.set_local()
    answer = answer_to(side.local.sdp)
    side.set_remote(answer)
    side.ice = credentials(3)
    side.set_local()
    before = side.state()
    with pytest.raises(SdpError, match="roll the offer back"):
        side.set_remote(answer)
    assert side.state() == before
    assert side.set_remote(answer_to(side.local.sdp, ice_ufrag=NEW)).ice_restarted


def test_an_answer_that_restarts_on_its_own_is_refused() -> None:
    side = Side(1)
    side.set_local()
    side.set_remote(answer_to(side.local.sdp))
    side.set_local()
    with pytest.raises(SdpError, match="the offer did not restart ICE"):
        side.set_remote(answer_to(side.local.sdp, ice_ufrag=NEW))


def test_a_pranswer_settles_it() -> None:
    a, b = connected()
    a.ice, b.ice = credentials(3), credentials(4)
    a.set_local()
    b.set_remote(a.local)
    assert b.set_local(SessionDescription("pranswer")).ice_restarted
    assert a.set_remote(b.local).ice_restarted
    assert not b.negotiator.remote_wants_restart
    assert not b.set_local().ice_restarted
    assert not a.set_remote(b.local).ice_restarted


def test_what_still_needs_a_new_connection() -> None:
    side = answering()
    for changed, message in (
        ({"fingerprint": f"a=fingerprint:sha-256 {SHA256_OTHER}"}, "new certificate"),
        ({"setup": "a=setup:active"}, "DTLS roles"),
        ({"group": "a=ice-lite\r\na=group:BUNDLE 0"}, "ice-lite"),
    ):
        before = side.state()
        with pytest.raises(SdpError, match=message):
            side.set_remote(offer(ice_ufrag=NEW, **changed))
        assert side.state() == before


def test_an_offer_is_due_while_a_restart_is_wanted() -> None:
    a, b = Side(1), Side(2)
    assert not a.negotiator.negotiation_needed(False, ice_restart=True)
    exchange(a, b)
    assert a.negotiator.negotiation_needed(True, ice_restart=True)
    a.set_local()
    assert not a.negotiator.negotiation_needed(True, ice_restart=True)


def test_data_that_was_rejected_in_between_restarts_like_other_data() -> None:
    side = answering()
    side.set_remote(offer(m="m=application 0 UDP/DTLS/SCTP webrtc-datachannel"))
    side.set_local()
    side.set_remote(offer(ice_ufrag=NEW))
    assert side.negotiator.remote_wants_restart
    side.ice = credentials(3)
    assert side.set_local().ice_restarted


def test_the_offer_says_which_dtls_role_the_running_association_has() -> None:
    a, b = connected()
    assert "a=setup:actpass" in a.offer().sdp
    for side, role, seed in ((a, "passive", 3), (b, "active", 4)):
        side.ice = credentials(seed)
        assert f"a=setup:{role}" in side.offer().sdp
