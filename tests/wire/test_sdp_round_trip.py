"""A description that is parsed and written again is the same, line by line."""

import pytest

from purertc.wire.sdp import Line, MediaDescription, SessionDescriptionModel
from tests.support.remote_sdp import (
    CHROMIUM_MEDIA_OFFER,
    CHROMIUM_OFFER,
    FIREFOX_OFFER,
    LEGACY_OFFER,
)

DESCRIPTIONS = [CHROMIUM_OFFER, CHROMIUM_MEDIA_OFFER, FIREFOX_OFFER, LEGACY_OFFER]


@pytest.mark.parametrize("text", DESCRIPTIONS)
def test_text_survives(text: str) -> None:
    assert str(SessionDescriptionModel.parse(text)) == text


def test_bare_line_feeds_become_crlf() -> None:
    text = CHROMIUM_OFFER.replace("\r\n", "\n").rstrip("\n")
    assert str(SessionDescriptionModel.parse(text)) == CHROMIUM_OFFER


def test_sections_and_attributes_are_in_order() -> None:
    model = SessionDescriptionModel.parse(CHROMIUM_MEDIA_OFFER)
    assert [media.kind for media in model.media] == ["audio", "video", "application"]
    video = model.media[1]
    assert (video.port, video.protocol) == (9, "UDP/TLS/RTP/SAVPF")
    assert video.formats == ("96", "97")
    assert video.attributes[-2:] == [
        ("fmtp", "97 apt=96"),
        ("ssrc-group", "FID 2231627014 632943048"),
    ]
    assert ("rtcp-mux", None) in video.attributes


def test_a_port_count_is_kept() -> None:
    media = MediaDescription.parse(Line("m", "video 49170/2 RTP/AVP 31"))
    assert (media.port, media.port_count) == (49170, 2)
    assert str(media) == "m=video 49170/2 RTP/AVP 31\r\n"


def test_lines_know_their_number() -> None:
    model = SessionDescriptionModel.parse(CHROMIUM_OFFER)
    line = model.media[0].find("sctp-port")
    assert line is not None
    assert (line.number, line.name, line.argument) == (19, "sctp-port", "5000")
    assert line == Line.attribute("sctp-port", "5000")


def test_built_attributes_are_written() -> None:
    media = MediaDescription("application", 9, "UDP/DTLS/SCTP", ("webrtc-datachannel",))
    media.add("mid", "0")
    media.add("end-of-candidates")
    assert str(media).split("\r\n")[1:] == ["a=mid:0", "a=end-of-candidates", ""]
