"""Local candidates appear in the local description; remote ones are read from theirs."""

import pytest

from purertc.errors import SdpError
from purertc.sansio.description import SessionDescription
from tests.support.negotiators import Side, credentials, exchange
from tests.support.remote_sdp import (
    CHROMIUM_MEDIA_OFFER,
    CHROMIUM_OFFER,
    FIREFOX_OFFER,
    edit,
    offer,
)

HOST = "candidate:1 1 udp 2130706431 192.0.2.2 5000 typ host"
HOST6 = "candidate:2 1 udp 2130706175 2001:db8::2 5001 typ host"
REFLEXIVE = "candidate:3 1 udp 1694498815 198.51.100.2 6000 typ srflx raddr 192.0.2.2 rport 5000"
TCP = "candidate:4 1 tcp 1518280447 192.0.2.2 9 typ host tcptype active"
MDNS = "candidate:5 1 udp 2130706431 0a1b2c3d-0000-4000-8000-000000000001.local 5002 typ host"


def test_candidates_are_added_once_and_in_order() -> None:
    side = Side(1)
    side.set_local()
    for candidate in (HOST, HOST6, HOST):
        side.negotiator.add_local_candidate(candidate)
    assert f"a={HOST}\r\na={HOST6}\r\na=ice-ufrag" in side.local.sdp
    side.negotiator.end_of_local_candidates()
    assert f"a={HOST6}\r\na=end-of-candidates\r\na=ice-ufrag" in side.local.sdp


@pytest.mark.parametrize(
    ("candidates", "port", "connection"),
    [
        ([], 9, "IN IP4 0.0.0.0"),
        ([TCP, MDNS], 9, "IN IP4 0.0.0.0"),
        ([HOST6], 5001, "IN IP6 2001:db8::2"),
        ([HOST6, HOST], 5000, "IN IP4 192.0.2.2"),
        ([HOST, REFLEXIVE], 6000, "IN IP4 198.51.100.2"),
    ],
)
def test_the_default_destination_is_the_likeliest(
    candidates: list[str], port: int, connection: str
) -> None:
    side = Side(1)
    side.set_local()
    for candidate in candidates:
        side.negotiator.add_local_candidate(candidate)
    assert f"m=application {port} UDP/DTLS/SCTP" in side.local.sdp
    assert f"\r\nc={connection}\r\n" in side.local.sdp


def test_a_created_offer_may_be_applied_with_candidates_in_it() -> None:
    side = Side(1)
    side.set_local()
    side.negotiator.add_local_candidate(HOST)
    side.set_local(side.local)
    assert HOST in side.local.sdp


def test_candidates_found_before_stay_in_the_next_offer() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    a.negotiator.add_local_candidate(HOST)
    assert HOST in a.offer().sdp
    current = a.negotiator.current_local_description
    assert current is not None
    assert HOST in current.sdp


def test_candidates_belong_to_their_credentials() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    a.negotiator.add_local_candidate(HOST)
    a.ice = credentials(3)
    a.set_local(a.offer())
    assert HOST not in a.local.sdp
    a.negotiator.add_local_candidate(HOST6)
    current = a.negotiator.current_local_description
    assert current is not None
    assert HOST in current.sdp
    assert HOST6 not in current.sdp


def test_a_line_that_is_no_candidate_is_refused() -> None:
    side = Side(1)
    with pytest.raises(SdpError):
        side.negotiator.add_local_candidate("192.0.2.2:5000")


def test_remote_candidates_are_handed_on() -> None:
    remote = Side(1).set_remote(offer(FIREFOX_OFFER)).remote
    assert remote is not None
    assert remote.candidates == (
        "candidate:0 1 UDP 2122187007 192.0.2.9 47731 typ host",
        "candidate:1 1 TCP 2105458943 192.0.2.9 9 typ host tcptype active",
    )
    assert remote.end_of_candidates
    trickling = Side(1).set_remote(offer(CHROMIUM_OFFER)).remote
    assert trickling is not None
    assert len(trickling.candidates) == 3
    assert not trickling.end_of_candidates


def test_a_malformed_remote_candidate_is_named() -> None:
    side = Side(1)
    before = side.state()
    broken = edit(CHROMIUM_OFFER, candidate="a=candidate:1 1 udp")
    with pytest.raises(SdpError, match=r"line 10 .*a=candidate:1 1 udp"):
        side.set_remote(SessionDescription("offer", broken))
    assert side.state() == before


def test_where_local_candidates_are_signalled() -> None:
    side = Side(1)
    assert side.negotiator.data_section is None
    side.set_local()
    assert side.negotiator.data_section == ("0", 0)


def test_candidates_found_after_glare_are_signalled_for_the_answer() -> None:
    side = Side(1)
    side.set_local()
    side.set_remote(offer(CHROMIUM_MEDIA_OFFER))
    assert side.negotiator.data_section == ("2", 2)
    side.negotiator.add_local_candidate(HOST)
    side.set_local()
    assert HOST in side.local.sdp


def test_no_section_for_candidates_when_the_offer_has_no_data() -> None:
    side = Side(1)
    side.set_remote(offer(CHROMIUM_MEDIA_OFFER.split("m=audio")[0].replace("BUNDLE 0 1 2", "LS")))
    assert side.negotiator.data_section is None
