"""The JSON lines are those of aiortc.contrib.signaling, and nothing else is accepted."""

import json

import pytest
from aiortc import RTCIceCandidate, RTCSessionDescription
from aiortc.contrib import signaling as legacy
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import ArgumentError, ProtocolError
from purertc.sansio.description import IceCandidate, SessionDescription
from purertc.signaling import BYE, object_from_string, object_to_string

CANDIDATE = "candidate:abc 1 udp 2130706431 192.0.2.7 49203 typ host"


def test_a_description_round_trips() -> None:
    offer = SessionDescription(type="offer", sdp="v=0\r\n")
    assert object_to_string(offer) == '{"sdp": "v=0\\r\\n", "type": "offer"}'
    assert object_from_string(object_to_string(offer)) == offer


def test_a_candidate_round_trips() -> None:
    candidate = IceCandidate(candidate=CANDIDATE, sdp_mid="0", sdp_m_line_index=0)
    assert json.loads(object_to_string(candidate)) == {
        "candidate": CANDIDATE,
        "id": "0",
        "label": 0,
        "type": "candidate",
    }
    assert object_from_string(object_to_string(candidate)) == candidate


def test_goodbye_round_trips() -> None:
    assert object_to_string(BYE) == '{"type": "bye"}'
    assert object_from_string('{"type": "bye"}') is BYE


def test_aiortc_reads_what_we_write() -> None:
    description = legacy.object_from_string(
        object_to_string(SessionDescription(type="answer", sdp="v=0\r\n"))
    )
    assert description == RTCSessionDescription(type="answer", sdp="v=0\r\n")
    candidate = legacy.object_from_string(
        object_to_string(IceCandidate(candidate=CANDIDATE, sdp_mid="7", sdp_m_line_index=2))
    )
    assert isinstance(candidate, RTCIceCandidate)
    assert (candidate.ip, candidate.port, candidate.sdpMid, candidate.sdpMLineIndex) == (
        "192.0.2.7",
        49203,
        "7",
        2,
    )
    assert legacy.object_from_string(object_to_string(BYE)) is legacy.BYE


def test_we_read_what_aiortc_writes() -> None:
    candidate = RTCIceCandidate(
        component=1,
        foundation="abc",
        ip="192.0.2.7",
        port=49203,
        priority=2130706431,
        protocol="udp",
        type="host",
        sdpMid="0",
        sdpMLineIndex=0,
    )
    received = object_from_string(legacy.object_to_string(candidate))
    assert received == IceCandidate(candidate=CANDIDATE, sdp_mid="0", sdp_m_line_index=0)


def test_the_end_of_candidates_is_refused_because_aiortc_could_not_read_it() -> None:
    with pytest.raises(ArgumentError, match="gathering_complete"):
        object_to_string(IceCandidate(candidate=""))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "7",
        "null",
        "{}",
        '{"type": null}',
        '{"type": []}',
        '{"type": "greeting"}',
        '{"type": "offer"}',
        '{"type": "offer", "sdp": 3}',
        '{"type": "candidate"}',
        '{"type": "candidate", "candidate": 3}',
        '{"type": "candidate", "candidate": "x", "label": "first"}',
        '{"type": "candidate", "candidate": "x", "id": 0}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_a_protocol_error(text: str) -> None:
    with pytest.raises(ProtocolError):
        object_from_string(text)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_no_json_raises_anything_but_a_protocol_error(value: object) -> None:
    with pytest.raises(ProtocolError):
        object_from_string(json.dumps(value))
