"""When an offer is due for data (W3C webrtc-pc section 4.7.3)."""

from tests.support.negotiators import Side, exchange
from tests.support.remote_sdp import answer_to


def test_not_without_channels() -> None:
    assert not Side(1).negotiator.negotiation_needed(False)


def test_with_the_first_channel_until_the_exchange_begins() -> None:
    a, b = Side(1), Side(2)
    assert a.negotiator.negotiation_needed(True)
    a.set_local()
    assert not a.negotiator.negotiation_needed(True)
    b.set_remote(a.local)
    assert not b.negotiator.negotiation_needed(True)


def test_not_once_negotiated() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    assert not a.negotiator.negotiation_needed(True)
    assert not b.negotiator.negotiation_needed(True)


def test_again_when_the_exchange_had_no_data() -> None:
    a, b = Side(1, data=False), Side(2)
    exchange(a, b)
    assert a.negotiator.negotiation_needed(True)
    a.data = True
    exchange(a, b)
    assert not a.negotiator.negotiation_needed(True)


def test_a_rejection_does_not_ask_for_ever() -> None:
    side = Side(1)
    side.set_local()
    rejected = "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"
    side.set_remote(answer_to(side.local.sdp, m=rejected))
    assert not side.negotiator.negotiation_needed(True)


def test_not_after_close() -> None:
    side = Side(1)
    side.negotiator.close()
    assert not side.negotiator.negotiation_needed(True)
