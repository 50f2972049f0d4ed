"""The work for a hostile description grows with its length, not with the square of it."""

import contextlib
import time

import pytest

from purertc.errors import SdpError
from purertc.sansio.description import SessionDescription
from tests.support.negotiators import Side

HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"


@pytest.mark.parametrize(
    "sdp",
    [
        HEAD + "m=a 9 b c\r\n" * 80_000,
        HEAD + "a=x\r\n" * 80_000 + "m=a 9 b c\r\n" * 40_000,
        HEAD + "a=group:BUNDLE" + " 0" * 400_000 + "\r\n",
        HEAD + "a=group:BUNDLE 0\r\n" * 40_000 + "m=a 9 b c\r\n",
        HEAD + "a=fingerprint:sha-256 " + "AB:" * 300_000 + "\r\nm=a 9 b c\r\n",
        HEAD + "a=mid:" + "x" * 900_000 + "\r\n",
        "\n" * 900_000,
        "v" * 900_000,
    ],
)
def test_a_megabyte_takes_no_time(sdp: str) -> None:
    started = time.process_time()
    with contextlib.suppress(SdpError):
        Side(1).set_remote(SessionDescription("offer", sdp))
    assert time.process_time() - started < 10
