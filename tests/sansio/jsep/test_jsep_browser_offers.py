"""Offers of browsers are read, and answered with what they expect."""

import pytest

from purertc.sansio.types import Fingerprint
from tests.support.negotiators import Side
from tests.support.remote_sdp import (
    CHROMIUM_MEDIA_OFFER,
    CHROMIUM_OFFER,
    FIREFOX_OFFER,
    SHA256,
    offer,
)


@pytest.mark.parametrize(
    ("sdp", "fragment", "size"),
    [(CHROMIUM_OFFER, "eVt0", 262144), (FIREFOX_OFFER, "9f3e21ab", 1073741823)],
)
def test_data_offer(sdp: str, fragment: str, size: int) -> None:
    side = Side(1)
    applied = side.set_remote(offer(sdp))
    remote = applied.remote
    assert remote is not None
    assert remote.ice.username_fragment == fragment
    assert not remote.ice.lite
    assert remote.fingerprints == (Fingerprint("sha-256", SHA256),)
    assert remote.max_message_size == size
    assert remote.sctp_port == 5000
    assert (remote.mid, remote.m_line_index) == ("0", 0)
    assert remote.trickle
    assert side.set_local().transport_ready
    assert "a=group:BUNDLE 0\r\n" in side.local.sdp


def test_audio_and_video_are_rejected_in_place() -> None:
    side = Side(1)
    applied = side.set_remote(offer(CHROMIUM_MEDIA_OFFER))
    assert applied.remote is not None
    assert (applied.remote.mid, applied.remote.m_line_index) == ("2", 2)
    answered = side.set_local()
    assert answered.transport_ready
    session, audio, video, data = side.local.sdp.split("m=")
    assert "a=group:BUNDLE 2\r\n" in session
    assert audio.startswith("audio 0 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n")
    assert "a=mid:0\r\n" in audio
    assert video.startswith("video 0 UDP/TLS/RTP/SAVPF 96 97\r\n")
    assert "a=mid:1\r\n" in video
    assert data.startswith("application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n")
    assert side.negotiator.data_section == ("2", 2)


def test_rejected_sections_stay_in_later_offers() -> None:
    side = Side(1)
    side.set_remote(offer(CHROMIUM_MEDIA_OFFER))
    side.set_local()
    session, *sections = side.offer().sdp.split("m=")
    assert "a=group:BUNDLE 2\r\n" in session
    assert [section.split(" ")[:2] for section in sections] == [
        ["audio", "0"],
        ["video", "0"],
        ["application", "9"],
    ]
    assert [section.count("a=mid:") for section in sections] == [1, 1, 1]


def test_only_media_leaves_no_data() -> None:
    side = Side(1)
    media_only = CHROMIUM_MEDIA_OFFER.split("m=application")[0].replace("BUNDLE 0 1 2", "BUNDLE 0")
    applied = side.set_remote(offer(media_only))
    assert not applied.data_accepted
    assert applied.remote is None
    answered = side.set_local()
    assert not answered.transport_ready
    assert "a=group" not in side.local.sdp
    assert side.negotiator.negotiation_needed(True)
    assert side.offer().sdp.count("m=application 9 ") == 1


def test_bundle_only_data_takes_the_transport_of_the_tagged_section() -> None:
    head, data = CHROMIUM_MEDIA_OFFER.split("m=application 9 ")
    data = "m=application 0 " + data.replace("a=mid:2", "a=bundle-only\r\na=mid:2")
    candidate = "candidate:1 1 udp 2122260223 192.0.2.7 51472 typ host"
    head = head.replace("a=mid:0\r\n", f"a=mid:0\r\na={candidate}\r\n")
    side = Side(1)
    applied = side.set_remote(offer(head + data))
    assert applied.remote is not None
    assert applied.remote.candidates == (candidate,)
    assert applied.remote.candidate_sections == {0, 2}
    assert side.set_local().data_accepted


def test_attributes_may_stand_in_the_tagged_section_only() -> None:
    head, data = CHROMIUM_MEDIA_OFFER.split("m=application")
    kept = [
        row for row in data.split("\r\n") if not row.startswith(("a=ice", "a=finger", "a=setu"))
    ]
    applied = Side(1).set_remote(offer(head + "m=application" + "\r\n".join(kept)))
    assert applied.remote is not None
    assert applied.remote.ice.username_fragment == "8hhY"
