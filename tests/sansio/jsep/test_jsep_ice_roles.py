"""Who controls ICE, and how a restart of the other side shows."""

import pytest

from purertc.errors import SdpError
from purertc.sansio.types import IceParameters
from tests.support.negotiators import Side, credentials, exchange
from tests.support.remote_sdp import offer

LITE = "a=ice-lite\r\na=group:BUNDLE 0"


def test_the_peer_of_a_lite_agent_controls() -> None:
    side = Side(1)
    applied = side.set_remote(offer(group=LITE))
    assert applied.remote is not None
    assert applied.remote.ice.lite
    assert applied.controlling
    assert side.set_local().controlling


def test_a_full_offerer_controls() -> None:
    side = Side(1)
    assert not side.set_remote(offer()).controlling
    assert not side.set_local().controlling


def test_lite_is_announced() -> None:
    side = Side(1)
    side.ice = IceParameters("frag", "p" * 22, lite=True)
    assert "\r\na=ice-lite\r\n" in side.offer().sdp.split("m=")[0]


def test_an_unchanged_offer_is_no_restart() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    at_a, at_b = exchange(a, b)
    assert not at_a.ice_restarted
    assert not at_b.ice_restarted
    assert at_a.transport_ready


def test_a_restart_shows_on_both_sides() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    a.ice = credentials(3)
    a.set_local(a.offer())
    received = b.set_remote(a.local)
    assert received.ice_restarted
    b.ice = credentials(4)
    answered = b.set_local(b.answer())
    assert answered.ice_restarted
    assert answered.remote is not None
    assert answered.remote.ice == credentials(3)
    learned = a.set_remote(b.local)
    assert learned.ice_restarted
    assert learned.remote is not None
    assert learned.remote.ice == credentials(4)


def test_the_next_unchanged_exchange_is_no_restart_again() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    a.ice, b.ice = credentials(3), credentials(4)
    exchange(a, b)
    assert [applied.ice_restarted for applied in exchange(a, b)] == [False, False]


def test_a_password_alone_is_a_restart_too() -> None:
    side = Side(1)
    side.set_remote(offer())
    side.set_local()
    assert side.set_remote(offer(ice_pwd="a=ice-pwd:" + "x" * 24)).ice_restarted


@pytest.mark.parametrize("missing", ["ice_ufrag", "ice_pwd", "fingerprint"])
def test_credentials_are_needed(missing: str) -> None:
    side = Side(1)
    before = side.state()
    with pytest.raises(SdpError, match=rf"line 8 .*no a={missing.replace('_', '-')}"):
        side.set_remote(offer(**{missing: ""}))
    assert side.state() == before


def test_a_description_created_with_old_credentials_is_out_of_date() -> None:
    side = Side(1)
    created = side.offer()
    side.ice = credentials(3)
    with pytest.raises(SdpError, match="out of date"):
        side.set_local(created)
