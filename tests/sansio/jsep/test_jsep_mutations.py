"""Whatever text arrives, it is applied or refused with SdpError, and a refusal changes nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purertc.errors import InvalidStateError, SdpError
from purertc.sansio.description import SessionDescription
from tests.support.negotiators import Side, exchange
from tests.support.remote_sdp import (
    CHROMIUM_MEDIA_OFFER,
    CHROMIUM_OFFER,
    FIREFOX_OFFER,
    LEGACY_OFFER,
    answer_to,
)

ANSWER = answer_to(Side(1).offer().sdp).sdp
REAL = [CHROMIUM_OFFER, CHROMIUM_MEDIA_OFFER, FIREFOX_OFFER, LEGACY_OFFER, ANSWER]
KINDS = st.sampled_from(["offer", "answer", "pranswer"])


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A real description with lines lost, repeated, moved, cut, or with characters changed."""
    rows = draw(st.sampled_from(REAL)).split("\r\n")
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(rows) - 1))
        row = rows[place]
        match draw(st.integers(0, 6)):
            case 0:
                del rows[place]
            case 1:
                rows.insert(draw(st.integers(0, len(rows))), row)
            case 2:
                rows.insert(draw(st.integers(0, len(rows) - 1)), rows.pop(place))
            case 3:
                rows[place] = row[: draw(st.integers(0, len(row)))]
            case 4:
                at = draw(st.integers(0, len(row)))
                rows[place] = row[:at] + draw(st.text(max_size=4)) + row[at + 1 :]
            case 5:
                rows[place] = row.partition(":")[0] + ":" + draw(st.text(max_size=12))
            case _:
                number = draw(st.integers(-1, 10**25))
                rows[place] = " ".join(
                    str(number) if word.isdigit() else word for word in row.split(" ")
                )
        rows = rows or [""]
    return "\r\n".join(rows)


def apply(side: Side, description: SessionDescription) -> None:
    before = side.state()
    try:
        side.set_remote(description)
    except (SdpError, InvalidStateError):
        assert side.state() == before
        return
    assert side.negotiator.remote_description == description
    if description.type == "offer":
        answered = side.answer()
        side.set_local(answered)
        assert side.local == answered


@settings(max_examples=150, deadline=None)
@given(damaged(), KINDS)
def test_damaged_descriptions(sdp: str, kind: str) -> None:
    for side in (Side(1), offering(), connected()):
        apply(side, SessionDescription(kind, sdp))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200), KINDS)
def test_any_text(sdp: str, kind: str) -> None:
    side = offering()
    before = side.state()
    with pytest.raises((SdpError, InvalidStateError)):
        side.set_remote(SessionDescription(kind, sdp))
    assert side.state() == before


def offering() -> Side:
    side = Side(1)
    side.set_local()
    return side


def connected() -> Side:
    a, b = Side(1), Side(2)
    exchange(a, b)
    return a


def test_the_undamaged_ones_are_applied() -> None:
    for sdp in REAL[:-1]:
        assert Side(1).set_remote(SessionDescription("offer", sdp)).data_accepted
    assert offering().set_remote(SessionDescription("answer", ANSWER)).data_accepted
