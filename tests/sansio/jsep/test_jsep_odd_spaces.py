"""White space that is no space means nothing in SDP, and breaks nothing."""

import pytest

from purertc.errors import SdpError
from tests.support.negotiators import Side
from tests.support.remote_sdp import LEGACY_OFFER, offer


@pytest.mark.parametrize("space", ["\t", "\v", "\f", "\x1c", "\x85", "\u00a0", "\u2003", "\u2028"])
@pytest.mark.parametrize("protocol", ["DTLS/SCTP", "UDP/DTLS/SCTP"])
def test_as_the_only_format(space: str, protocol: str) -> None:
    side = Side(1)
    applied = side.set_remote(offer(LEGACY_OFFER, m=f"m=application 9 {protocol} {space}"))
    assert not applied.data_accepted
    side.set_local()
    assert f"m=application 0 {protocol} {space}\r\n" in side.local.sdp


@pytest.mark.parametrize("digit", ["²", "٣", "\uff15"])
def test_digits_that_are_no_ascii_are_no_port(digit: str) -> None:
    with pytest.raises(SdpError, match=r"line 6 .*expected a decimal number"):
        Side(1).set_remote(offer(LEGACY_OFFER, m=f"m=application 9 DTLS/SCTP {digit}"))
