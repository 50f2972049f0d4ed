"""Text that is no description raises SdpError, which names the line."""

import pytest

from purertc.errors import SdpError
from purertc.wire.sdp import SessionDescriptionModel
from tests.support.remote_sdp import CHROMIUM_OFFER, edit

MINIMAL = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("\r\n\r\n", "empty"),
        ("v=0\r\n", "before its v=, o= and s="),
        ("hello", "line 1 .*expected <letter>=<value>"),
        ('{"type": "offer"}', "line 1 .*expected <letter>=<value>"),
        ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "before its v="),
        (edit(CHROMIUM_OFFER, v="v=1"), "line 1 .*version must be 0"),
        (edit(CHROMIUM_OFFER, v=""), "line 1 .*expected the v= line"),
        (edit(CHROMIUM_OFFER, o="o=- x"), "line 2 .*expected o="),
        (edit(CHROMIUM_OFFER, s=""), "line 3 .*expected the s= line"),
        (edit(CHROMIUM_OFFER, t=""), "no t= line"),
        (MINIMAL + "v=0\r\n", "line 5 .*once only"),
        (MINIMAL + "q=0\r\n", "line 5 .*no line of this type before"),
        (MINIMAL + "\r\na=x\r\n", "line 5 .*expected <letter>"),
        (MINIMAL + "a=\r\n", "line 5 .*expected a=<name>"),
        (MINIMAL + "a=two words\r\n", "line 5 .*expected a=<name>"),
        (MINIMAL + "a=x:y\rz\r\n", "line 5 .*neither CR nor NUL"),
        (MINIMAL + "a=x:\0\r\n", "line 5 .*neither CR nor NUL"),
        (MINIMAL + "m=application\r\n", "line 5 .*expected m="),
        (MINIMAL + "m=application -1 UDP/DTLS/SCTP x\r\n", "line 5 .*expected m="),
        (MINIMAL + "m=application 65536 UDP/DTLS/SCTP x\r\n", "line 5 .*above 65535"),
        (MINIMAL + "m=application 9 UDP/DTLS/SCTP\r\n", "line 5 .*expected m="),
        (MINIMAL + "m=a 9 b c\r\no=- 1 1 IN IP4 1\r\n", "line 6 .*in a media section"),
        (MINIMAL + "a=x:" + "y" * 1_000_000, "longer than 1000000"),
    ],
)
def test_error_names_the_line(text: str, said: str) -> None:
    with pytest.raises(SdpError, match=said):
        SessionDescriptionModel.parse(text)


def test_a_description_without_media_is_one() -> None:
    assert SessionDescriptionModel.parse(MINIMAL).media == []


def test_a_long_line_is_shown_in_part() -> None:
    with pytest.raises(SdpError) as caught:
        SessionDescriptionModel.parse(MINIMAL + "a=" + "x " * 1000)
    assert len(str(caught.value)) < 250


def test_spaces_cost_linear_time() -> None:
    text = MINIMAL + "m=application 9 x y" + " " * 900_000 + "z\r\n"
    assert SessionDescriptionModel.parse(text).media[0].formats == ("y", "z")
