"""Where attributes may stand, what is assumed when they are missing, and what is refused."""

import pytest

from purertc.errors import SdpError
from purertc.sansio.session import RemoteSession
from purertc.sansio.types import Fingerprint
from tests.support.negotiators import Side
from tests.support.remote_sdp import (
    CHROMIUM_MEDIA_OFFER,
    CHROMIUM_OFFER,
    SHA256,
    SHA256_OTHER,
    edit,
    offer,
)


def read(sdp: str = CHROMIUM_OFFER, **replacements: str) -> RemoteSession:
    remote = Side(1).set_remote(offer(sdp, **replacements)).remote
    assert remote is not None
    return remote


def at_session_level(*attributes: str) -> str:
    """Move attributes of the media section up."""
    names = tuple(f"a={name}" for name in attributes)
    rows = CHROMIUM_OFFER.split("\r\n")
    moved = [row for row in rows if row.startswith(names)]
    kept = [row for row in rows if row not in moved]
    place = kept.index("t=0 0") + 1
    return "\r\n".join(kept[:place] + moved + kept[place:])


def test_session_level_attributes_count() -> None:
    moved = at_session_level("ice-ufrag", "ice-pwd", "ice-options", "fingerprint", "setup")
    assert read(moved) == read()


def test_media_level_attributes_come_first() -> None:
    session = (
        f"a=fingerprint:sha-256 {SHA256_OTHER}\r\na=ice-ufrag:other\r\na=setup:passive\r\nt=0 0"
    )
    assert read(CHROMIUM_OFFER.replace("t=0 0", session)) == read()


def test_all_fingerprints_are_kept() -> None:
    lines = f"a=fingerprint:sha-256 {SHA256}\r\na=fingerprint:SHA-256 {SHA256_OTHER.lower()}"
    assert read(fingerprint=lines).fingerprints == (
        Fingerprint("sha-256", SHA256),
        Fingerprint("sha-256", SHA256_OTHER),
    )


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("", 65536),
        ("a=max-message-size:0", 0),
        ("a=max-message-size:1", 1),
        ("a=max-message-size:4294967296", 4294967296),
    ],
)
def test_max_message_size(line: str, size: int) -> None:
    assert read(max_message_size=line).max_message_size == size


def test_a_missing_sctp_port_is_5000() -> None:
    assert read(sctp_port="").sctp_port == 5000
    assert read(sctp_port="a=sctp-port:6000").sctp_port == 6000


def test_a_missing_mid_is_answered_without_one() -> None:
    side = Side(1)
    applied = side.set_remote(offer(mid="", group="a=group:LS"))
    assert applied.remote is not None
    assert applied.remote.mid is None
    assert side.set_local().transport_ready
    assert "a=mid" not in side.local.sdp
    assert side.negotiator.data_section == (None, 0)
    assert "a=group:BUNDLE 0\r\n" in side.offer().sdp
    assert "a=mid:0\r\n" in side.offer().sdp


def test_without_a_bundle_group_the_answer_has_none() -> None:
    side = Side(1)
    applied = side.set_remote(offer(edit(CHROMIUM_OFFER, group="")))
    assert applied.remote is not None
    assert not applied.remote.bundled
    side.set_local()
    assert "a=group" not in side.local.sdp
    assert "a=mid:0" in side.local.sdp


def test_end_of_candidates_counts_at_session_level() -> None:
    assert read(CHROMIUM_OFFER.replace("t=0 0", "t=0 0\r\na=end-of-candidates")).end_of_candidates


@pytest.mark.parametrize(
    ("replacement", "said"),
    [
        ({"max_message_size": "a=max-message-size:lots"}, "line 20 .*decimal number"),
        ({"max_message_size": "a=max-message-size:" + "9" * 30}, "line 20 .*decimal number"),
        ({"sctp_port": "a=sctp-port:0"}, "line 19 .*between 1 and 65535"),
        ({"setup": "a=setup:holdconn"}, "line 17 .*holdconn"),
        ({"fingerprint": "a=fingerprint:sha-256 AA"}, "line 16 .*32 hex pairs"),
        ({"ice_ufrag": "a=ice-ufrag:a"}, "line 13 .*4 to 256"),
        ({"mid": "a=mid"}, "line 18 .*a=mid:<token>"),
        ({"group": "a=group:BUNDLE 0 7"}, "line 5 .*no m= section has the mid '7'"),
        ({"group": "a=group:BUNDLE 0 0"}, "line 5 .*bundled twice"),
    ],
)
def test_what_is_refused(replacement: dict[str, str], said: str) -> None:
    side = Side(1)
    before = side.state()
    with pytest.raises(SdpError, match=said):
        side.set_remote(offer(**replacement))
    assert side.state() == before


def test_a_repeated_mid_is_refused() -> None:
    twice = CHROMIUM_MEDIA_OFFER.replace("a=mid:1", "a=mid:0").replace("BUNDLE 0 1 2", "BUNDLE 2")
    with pytest.raises(SdpError, match=r"line 36 .*another m= section has this mid"):
        Side(1).set_remote(offer(twice))


def test_a_second_data_section_is_rejected() -> None:
    section = CHROMIUM_OFFER.split("m=application")[1].replace("a=mid:0", "a=mid:1")
    side = Side(1)
    side.set_remote(offer(CHROMIUM_OFFER + "m=application" + section))
    side.set_local()
    assert side.local.sdp.count("m=application 9 ") == 1
    assert side.local.sdp.count("m=application 0 ") == 1
