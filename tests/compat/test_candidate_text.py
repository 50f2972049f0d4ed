"""candidate_from_sdp and candidate_to_sdp agree with aiortc's."""

import dataclasses

import aiortc.sdp
import pytest
from aiortc import RTCIceCandidate as AiortcCandidate
from hypothesis import given
from hypothesis import strategies as st

from purertc_compat import RTCIceCandidate
from purertc_compat.sdp import candidate_from_sdp, candidate_to_sdp

SAMPLES = [
    "0 1 UDP 2122252543 192.168.99.7 33543 typ host",
    "1 1 udp 1685987071 1.2.3.4 5 typ srflx raddr 10.0.0.1 rport 6",
    "2 1 tcp 2105458943 10.0.0.1 9 typ host tcptype active generation 0 ufrag abcd",
    "3 1 udp 1 fe80::1 7 typ relay raddr :: rport 0 network-cost 999 dangling",
]


def test_the_dataclass_has_aiortcs_fields_in_order() -> None:
    ours = [(field.name, field.default) for field in dataclasses.fields(RTCIceCandidate)]
    theirs = [(field.name, field.default) for field in dataclasses.fields(AiortcCandidate)]
    assert ours == theirs


@pytest.mark.parametrize("text", SAMPLES)
def test_the_same_text_gives_the_same_fields(text: str) -> None:
    ours, theirs = candidate_from_sdp(text), aiortc.sdp.candidate_from_sdp(text)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert candidate_to_sdp(ours) == aiortc.sdp.candidate_to_sdp(theirs)


def test_a_candidate_is_mutable_and_compared_by_value() -> None:
    first, second = candidate_from_sdp(SAMPLES[0]), candidate_from_sdp(SAMPLES[0])
    assert first == second
    first.sdpMid, first.sdpMLineIndex = "0", 0
    assert first != second


@given(st.text())
def test_a_bad_candidate_raises_value_error_only(text: str) -> None:
    try:
        candidate = candidate_from_sdp(text)
    except ValueError:
        return
    assert candidate_from_sdp(candidate_to_sdp(candidate)) == candidate
