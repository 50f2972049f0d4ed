"""Who controls ICE, and the credentials that descriptions must have."""

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
