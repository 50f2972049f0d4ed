"""Where a signalled candidate belongs (W3C webrtc-pc section 4.4.1.9)."""

import pytest

from purertc.errors import ArgumentError, InvalidStateError
from purertc.sansio.description import SessionDescription
from tests.support.negotiators import Side, credentials
from tests.support.remote_sdp import CHROMIUM_MEDIA_OFFER, offer


def check(
    side: Side, mid: str | None, index: int | None = None, fragment: str | None = None
) -> bool:
    return side.negotiator.candidate_section(
        sdp_mid=mid, sdp_m_line_index=index, username_fragment=fragment
    )


def with_media() -> Side:
    side = Side(1)
    side.set_remote(offer(CHROMIUM_MEDIA_OFFER))
    return side


def test_the_data_section() -> None:
    side = with_media()
    assert check(side, "2")
    assert check(side, None, 2)
    assert check(side, "2", 2, "8hhY")


def test_the_mid_counts_when_both_are_given() -> None:
    assert check(with_media(), "2", 0)


def test_a_section_we_reject() -> None:
    side = with_media()
    assert not check(side, "0")
    side.set_local()
    assert not check(side, None, 1)


@pytest.mark.parametrize(("mid", "index"), [(None, None), ("9", None), ("9", 2), (None, 3)])
def test_a_section_that_does_not_exist(mid: str | None, index: int | None) -> None:
    with pytest.raises(ArgumentError):
        check(with_media(), mid, index)


def test_a_generation_that_is_not_known_yet() -> None:
    with pytest.raises(ArgumentError, match="set the description it belongs to first"):
        check(with_media(), "2", None, "other")


def restarting(side: Side) -> None:
    side.set_remote(offer())
    side.set_local()
    side.set_remote(offer(ice_ufrag="a=ice-ufrag:newfrag"))


def test_both_generations_during_a_restart() -> None:
    side = Side(1)
    restarting(side)
    assert check(side, "0", None, "eVt0")
    assert check(side, "0", None, "newfrag")


def test_which_generation_a_candidate_is_for_during_a_restart() -> None:
    side = Side(1)
    restarting(side)
    belongs = side.negotiator.belongs_to_offered_restart
    assert [belongs(name) for name in ("eVt0", "newfrag", None)] == [False, True, True]
    side.ice = credentials(3)
    side.set_local()
    assert [belongs(name) for name in ("eVt0", "newfrag", None)] == [False, False, False]


def test_a_generation_that_is_over_is_ignored() -> None:
    side = Side(1)
    restarting(side)
    side.ice = credentials(3)
    side.set_local()
    assert not check(side, "0", None, "eVt0")
    assert check(side, "0", None, "newfrag")


def test_a_generation_that_was_rolled_back_is_ignored() -> None:
    side = Side(1)
    restarting(side)
    side.set_remote(SessionDescription("rollback"))
    assert not check(side, "0", None, "newfrag")
    assert check(side, "0", None, "eVt0")


def test_a_generation_whose_offer_was_replaced_is_ignored() -> None:
    side = Side(1)
    restarting(side)
    side.set_remote(offer(ice_ufrag="a=ice-ufrag:newer"))
    assert not check(side, "0", None, "newfrag")
    assert check(side, "0", None, "newer")


def test_only_so_many_generations_are_remembered() -> None:
    side = Side(1)
    for number in range(100):
        side.set_remote(offer(ice_ufrag=f"a=ice-ufrag:gen{number}"))
    assert not check(side, "0", None, "gen98")
    with pytest.raises(ArgumentError):
        check(side, "0", None, "gen10")


def test_before_the_remote_description() -> None:
    with pytest.raises(InvalidStateError, match="set_remote_description first"):
        check(Side(1), "0")
