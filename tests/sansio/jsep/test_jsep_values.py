"""SessionDescription and IceCandidate: construction and the browser's JSON forms."""

import json

import pytest

from purertc.errors import ArgumentError
from purertc.sansio.description import IceCandidate, SessionDescription
from purertc.sansio.types import SdpType


def test_type_is_checked_and_converted() -> None:
    description = SessionDescription("offer", "v=0\r\n")
    assert description.type is SdpType.OFFER
    assert description == SessionDescription(type=SdpType.OFFER, sdp="v=0\r\n")
    assert hash(description) == hash(SessionDescription("offer", "v=0\r\n"))
    with pytest.raises(ArgumentError, match="offer, pranswer, answer, rollback"):
        SessionDescription("bogus", "")
    with pytest.raises(ArgumentError, match="sdp must be a string"):
        SessionDescription("offer", b"v=0")  # type: ignore[arg-type]


def test_description_json() -> None:
    description = SessionDescription("answer", "v=0\r\n")
    text = json.dumps(description.to_json())
    assert text == '{"type": "answer", "sdp": "v=0\\r\\n"}'
    assert SessionDescription.from_json(text) == description
    assert SessionDescription.from_json(description.to_json() | {"extra": 1}) == description
    assert SessionDescription.from_json({"type": "rollback"}) == SessionDescription("rollback")


@pytest.mark.parametrize(
    "data",
    ["", "{", "[]", "[" * 100_000, "null", {}, {"type": "offer"}, {"type": 1, "sdp": "x"},
     {"type": "offer", "sdp": None}, {"type": "bye", "sdp": "x"}],
)  # fmt: skip
def test_bad_description_json(data: str | dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        SessionDescription.from_json(data)


def test_candidate_json() -> None:
    candidate = IceCandidate("candidate:1 1 udp 1 192.0.2.1 9 typ host", "0", 0, "frag")
    text = json.dumps(candidate.to_json())
    assert json.loads(text) == {
        "candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host",
        "sdpMid": "0",
        "sdpMLineIndex": 0,
        "usernameFragment": "frag",
    }
    assert IceCandidate.from_json(text) == candidate
    assert IceCandidate.from_json({"candidate": None}) == IceCandidate()


@pytest.mark.parametrize(
    "data",
    ["x", "7", {"candidate": 1}, {"sdpMid": 0}, {"sdpMLineIndex": "0"}, {"sdpMLineIndex": -1},
     {"sdpMLineIndex": True}, {"sdpMLineIndex": 70000}, {"usernameFragment": []}],
)  # fmt: skip
def test_bad_candidate_json(data: str | dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        IceCandidate.from_json(data)
