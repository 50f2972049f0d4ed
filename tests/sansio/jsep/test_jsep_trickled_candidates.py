"""Remote candidates that trickle in are shown in the remote description (W3C 4.4.1.9)."""

import pytest

from purertc.errors import SdpError
from purertc.sansio.description import SessionDescription
from purertc.wire.sdp import SessionDescriptionModel
from tests.support.negotiators import Side, credentials
from tests.support.remote_sdp import CHROMIUM_MEDIA_OFFER, FIREFOX_OFFER, offer

HOST = "candidate:1 1 udp 2130706431 192.0.2.2 5000 typ host"
SECOND = "candidate:2 1 udp 2130706431 192.0.2.2 5001 typ host"
END = "end-of-candidates"
NEW = "a=ice-ufrag:newfrag"


def add(side: Side, candidate: str, mid: str | None = "0", fragment: str | None = None) -> None:
    side.negotiator.add_remote_candidate_line(
        candidate, sdp_mid=mid, sdp_m_line_index=None, username_fragment=fragment
    )


def shown(description: SessionDescription | None, section: int = 0) -> list[str]:
    assert description is not None
    media = SessionDescriptionModel.parse(description.sdp).media[section]
    return [line.value for line in media.lines if line.name in ("candidate", END)]


def answering(sdp: str = FIREFOX_OFFER, **replacements: str) -> Side:
    side = Side(1)
    side.set_remote(offer(sdp, candidate="", end_of_candidates="", **replacements))
    return side


def test_it_is_shown_while_pending_and_when_current() -> None:
    side = answering()
    add(side, HOST)
    assert shown(side.negotiator.pending_remote_description) == [HOST]
    side.set_local()
    add(side, SECOND)
    assert shown(side.negotiator.current_remote_description) == [HOST, SECOND]


def test_nothing_else_of_the_text_changes() -> None:
    side = answering()
    given = side.negotiator.remote_description
    assert given is not None
    add(side, HOST)
    now = side.negotiator.remote_description
    assert now is not None
    assert now.sdp == given.sdp + f"a={HOST}\r\n"


def test_each_is_shown_once() -> None:
    side = Side(1)
    side.set_remote(offer(candidate=f"a={HOST} generation 0 network-id 1"))
    before = side.negotiator.remote_description
    for candidate in (HOST, f"a={HOST}", f"{HOST} generation 0"):
        add(side, candidate)
    assert side.negotiator.remote_description == before


def test_the_end_is_shown_last_and_once() -> None:
    side = answering()
    add(side, "")
    add(side, HOST)
    add(side, "")
    assert shown(side.negotiator.remote_description) == [HOST, END]


def test_an_end_that_the_description_has_is_not_repeated() -> None:
    side = Side(1)
    side.set_remote(offer(FIREFOX_OFFER))
    add(side, "")
    assert shown(side.negotiator.remote_description).count(END) == 1


def test_it_is_shown_in_its_section() -> None:
    side = Side(1)
    side.set_remote(offer(CHROMIUM_MEDIA_OFFER))
    add(side, HOST, "2")
    add(side, SECOND, "0")
    found = [shown(side.negotiator.remote_description, index) for index in range(3)]
    assert found == [[SECOND], [], [HOST]]


def test_an_end_without_a_section_ends_them_all() -> None:
    side = Side(1)
    side.set_remote(offer(CHROMIUM_MEDIA_OFFER))
    add(side, "", None)
    found = [shown(side.negotiator.remote_description, index) for index in range(3)]
    assert found == [[END], [END], [END]]


def test_each_generation_has_its_own() -> None:
    side = answering()
    side.set_local()
    side.set_remote(offer(FIREFOX_OFFER, candidate="", end_of_candidates="", ice_ufrag=NEW))
    add(side, HOST, fragment="9f3e21ab")
    add(side, SECOND, fragment="newfrag")
    add(side, "")
    assert shown(side.negotiator.current_remote_description) == [HOST]
    assert shown(side.negotiator.pending_remote_description) == [SECOND, END]
    side.ice = credentials(3)
    side.set_local()
    assert shown(side.negotiator.current_remote_description) == [SECOND, END]


def test_a_new_offer_of_the_same_generation_shares_them() -> None:
    side = answering()
    side.set_local()
    side.set_remote(offer(FIREFOX_OFFER, candidate="", end_of_candidates=""))
    add(side, HOST)
    assert shown(side.negotiator.current_remote_description) == [HOST]
    assert shown(side.negotiator.pending_remote_description) == [HOST]


def test_a_generation_that_is_over_is_not_shown() -> None:
    side = answering()
    side.set_local()
    side.set_remote(offer(FIREFOX_OFFER, candidate="", end_of_candidates="", ice_ufrag=NEW))
    side.ice = credentials(3)
    side.set_local()
    add(side, HOST, fragment="9f3e21ab")
    assert shown(side.negotiator.remote_description) == []


def test_a_flood_is_shown_in_part() -> None:
    side = answering()
    for port in range(1, 5001):
        add(side, f"candidate:1 1 udp 2130706431 192.0.2.2 {port} typ host")
    add(side, "")
    found = shown(side.negotiator.remote_description)
    assert len(found) == 101
    assert found[-1] == END


def test_what_is_no_candidate_is_refused() -> None:
    side = answering()
    before = side.state()
    with pytest.raises(SdpError):
        add(side, "candidate:1 1 udp")
    assert side.state() == before
