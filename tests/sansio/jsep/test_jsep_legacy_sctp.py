"""The m= line before RFC 8841 is understood and answered in kind."""

import pytest

from purertc.errors import SdpError
from tests.support.negotiators import Side
from tests.support.remote_sdp import LEGACY_OFFER, offer


def test_it_is_answered_in_kind() -> None:
    side = Side(1)
    applied = side.set_remote(offer(LEGACY_OFFER, m="m=application 9 DTLS/SCTP 5001"))
    assert applied.remote is not None
    assert applied.remote.sctp_port == 5001
    assert applied.remote.max_message_size == 65536
    assert side.set_local().transport_ready
    sdp = side.local.sdp
    assert "m=application 9 DTLS/SCTP 5000\r\n" in sdp
    assert "a=mid:data\r\na=sctpmap:5000 webrtc-datachannel 65535\r\na=max-message-size" in sdp
    assert "a=sctp-port" not in sdp


def test_later_offers_keep_the_form() -> None:
    side = Side(1)
    side.set_remote(offer(LEGACY_OFFER))
    side.set_local()
    assert "m=application 9 DTLS/SCTP 5000\r\n" in side.offer().sdp


def test_another_application_is_rejected() -> None:
    side = Side(1)
    applied = side.set_remote(offer(LEGACY_OFFER, sctpmap="a=sctpmap:5000 bfcp 2"))
    assert not applied.data_accepted
    side.set_local()
    assert "m=application 0 DTLS/SCTP 5000\r\n" in side.local.sdp


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_bad_port_is_named(port: str) -> None:
    with pytest.raises(SdpError, match=r"line 6 .*between 1 and 65535"):
        Side(1).set_remote(offer(LEGACY_OFFER, m=f"m=application 9 DTLS/SCTP {port}"))
