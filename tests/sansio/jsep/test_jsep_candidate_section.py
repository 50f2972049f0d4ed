"""Where a signalled candidate belongs (W3C webrtc-pc section 4.4.1.9)."""

import pytest

from purertc.errors import ArgumentError, InvalidStateError
from tests.support.negotiators import Side
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


def test_another_generation() -> None:
    with pytest.raises(ArgumentError, match="another ICE generation"):
        check(with_media(), "2", None, "other")


def test_both_generations_during_a_restart() -> None:
    side = Side(1)
    side.set_remote(offer())
    side.set_local()
    side.set_remote(offer(ice_ufrag="a=ice-ufrag:newfrag"))
    assert check(side, "0", None, "eVt0")
    assert check(side, "0", None, "newfrag")
    side.set_local()
    with pytest.raises(ArgumentError):
        check(side, "0", None, "eVt0")


def test_before_the_remote_description() -> None:
    with pytest.raises(InvalidStateError, match="set_remote_description first"):
        check(Side(1), "0")
