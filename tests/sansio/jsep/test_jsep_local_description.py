"""What set_local_description accepts: what was created last, or nothing at all."""

import pytest

from purertc.errors import ArgumentError, InvalidStateError, SdpError
from purertc.sansio.description import SessionDescription
from purertc.sansio.types import SdpType
from tests.support.negotiators import Side
from tests.support.remote_sdp import offer


def test_an_implicit_offer() -> None:
    side = Side(1)
    assert side.set_local().data_accepted
    assert side.local.type is SdpType.OFFER


def test_an_implicit_answer() -> None:
    side = Side(1)
    side.set_remote(offer())
    side.set_local()
    assert side.local.type is SdpType.ANSWER


@pytest.mark.parametrize("kind", [SdpType.OFFER, SdpType.ANSWER, SdpType.PRANSWER])
def test_a_type_without_text(kind: SdpType) -> None:
    side = Side(1)
    if kind is not SdpType.OFFER:
        side.set_remote(offer())
    side.set_local(SessionDescription(kind))
    assert side.local.type is kind


def test_line_ends_do_not_matter() -> None:
    side = Side(1)
    created = side.offer()
    side.set_local(SessionDescription("offer", created.sdp.replace("\r\n", "\n").strip()))
    assert side.local == created


def test_the_same_offer_may_be_applied_twice() -> None:
    side = Side(1)
    created = side.offer()
    side.set_local(created)
    side.set_local(created)
    assert side.local == created


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=setup:actpass", "a=setup:active"),
        ("a=sctp-port:5000", "a=sctp-port:5001"),
        ("m=application 9 ", "m=application 0 "),
        ("a=mid:0", "a=mid:0\r\na=sendrecv"),
        ("a=ice-options:trickle\r\n", ""),
    ],
)
def test_changed_text_is_refused(old: str, new: str) -> None:
    side = Side(1)
    created = side.offer()
    before = side.state()
    changed = created.sdp.replace(old, new)
    assert changed != created.sdp
    with pytest.raises(SdpError, match="must be applied unchanged"):
        side.set_local(SessionDescription("offer", changed))
    assert side.state() == before
    side.set_local(created)


def test_an_older_offer_is_refused() -> None:
    side = Side(1, data=False)
    older = side.offer()
    side.data = True
    newer = side.offer()
    with pytest.raises(SdpError, match="not the one that create_offer"):
        side.set_local(older)
    side.set_local(newer)


def test_an_offer_from_before_another_exchange_is_refused() -> None:
    side = Side(1)
    older = side.offer()
    side.set_remote(offer())
    side.set_local()
    with pytest.raises(SdpError, match="out of date"):
        side.set_local(older)


def test_an_offer_does_not_fit_after_a_remote_one() -> None:
    side = Side(1)
    created = side.offer()
    side.set_remote(offer())
    with pytest.raises(InvalidStateError, match="takes the type offer in"):
        side.set_local(created)
    with pytest.raises(InvalidStateError, match="create_offer needs"):
        side.offer()


def test_a_dictionary_is_refused_with_a_hint() -> None:
    side = Side(1)
    raw = {"type": "offer", "sdp": ""}
    for apply in (side.set_local, side.set_remote):
        with pytest.raises(ArgumentError, match="from_json"):
            apply(raw)  # type: ignore[arg-type]
