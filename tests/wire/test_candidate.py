"""The candidate attribute."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import SdpError
from purertc.wire.candidate import Candidate

HOST = Candidate("1", 1, "udp", 2130706431, "192.0.2.1", 5000, "host")


@pytest.mark.parametrize(
    "text",
    [
        "1 1 udp 2130706431 192.0.2.1 5000 typ host",
        "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host",
        "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\n",
        "candidate:1 1 UDP 2130706431 192.0.2.1 5000 typ host generation 0 network-cost 999",
        "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ HOST generation",
    ],
)
def test_forms_that_mean_the_same(text: str) -> None:
    assert Candidate.parse(text) == HOST


@pytest.mark.parametrize(
    "candidate",
    [
        HOST,
        Candidate("ab+/", 2, "udp", 1, "2001:db8::1", 1, "host"),
        Candidate("9", 1, "udp", 0xFFFFFFFF, "198.51.100.1", 9, "srflx", "192.0.2.1", 5000),
        Candidate("9", 1, "udp", 16777215, "198.51.100.1", 9, "relay", "0.0.0.0", 0),
        Candidate("7", 1, "tcp", 5, "192.0.2.1", 9, "host", tcp_type="active"),
        Candidate(
            "7", 1, "udp", 5, "8a2f4ec0-0000-4000-8000-000000000000.local", 9, "host",
            username_fragment="h6vY",
        ),
    ],
)  # fmt: skip
def test_round_trip(candidate: Candidate) -> None:
    assert Candidate.parse(str(candidate)) == candidate


def test_only_the_beginning_is_a_prefix() -> None:
    text = "1 1 udp 2130706431 192.0.2.1 5000 typ host ufrag "
    assert Candidate.parse(text + "candidate:x").username_fragment == "candidate:x"
    assert Candidate.parse("other" + str(HOST)).foundation == "othercandidate:1"


def test_text_form() -> None:
    candidate = Candidate(
        "9", 1, "udp", 5, "198.51.100.1", 9, "srflx", "192.0.2.1", 5000, username_fragment="abcd"
    )

    assert str(candidate) == (
        "candidate:9 1 udp 5 198.51.100.1 9 typ srflx raddr 192.0.2.1 rport 5000 ufrag abcd"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "lacks"),
        ("candidate:1 1 udp 1 192.0.2.1 5000 typ", "lacks"),
        ("candidate:1 1 udp 1 192.0.2.1 5000 kind host", "lacks"),
        ("candidate:1 0 udp 1 192.0.2.1 5000 typ host", "component"),
        ("candidate:1 257 udp 1 192.0.2.1 5000 typ host", "component"),
        ("candidate:1 1 udp -1 192.0.2.1 5000 typ host", "priority"),
        ("candidate:1 1 udp 4294967296 192.0.2.1 5000 typ host", "priority"),
        ("candidate:1 1 udp 1 192.0.2.1 65536 typ host", "port"),
        ("candidate:1 1 udp 1 192.0.2.1 ٣ typ host", "visible ASCII"),
        ("candidate:1 1 udp 1 192.0.2.1 5000 typ srflx raddr 10.0.0.1 rport x", "rport"),
        (f"candidate:{'f' * 33} 1 udp 1 192.0.2.1 5000 typ host", "foundation"),
        (f"candidate:1 1 udp 1 192.0.2.1 5000 typ host x {'y' * 1024}", "1024"),
    ],
)
def test_malformed(text: str, reason: str) -> None:
    with pytest.raises(SdpError, match=reason):
        Candidate.parse(text)


@given(st.text(max_size=80) | st.lists(st.text(max_size=6), max_size=14).map(" ".join))
def test_random_text(text: str) -> None:
    with contextlib.suppress(SdpError):
        assert Candidate.parse(str(Candidate.parse(text))) == Candidate.parse(text)
