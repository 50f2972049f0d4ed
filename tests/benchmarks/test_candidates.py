"""A description is rewritten so that its datagrams go through a forwarder."""

import pytest

from benchmarks.candidates import through
from benchmarks.processes import MeasurementError

SDP = "\r\n".join(
    [
        "v=0",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=candidate:1 1 udp 2130706431 127.0.0.1 4000 typ host",
        "a=candidate:2 1 udp 2130706430 192.0.2.2 5000 typ host generation 0",
        "a=candidate:3 1 udp 2130706429 fd00::2 6000 typ host",
        "a=candidate:4 1 tcp 1518280447 192.0.2.2 9 typ host tcptype active",
        "a=candidate:5 1 udp 1694498815 203.0.113.7 7000 typ srflx raddr 192.0.2.2 rport 5000",
        "a=end-of-candidates",
        "",
    ]
)


def candidates(sdp: str) -> list[str]:
    return [line for line in sdp.split("\r\n") if line.startswith("a=candidate:")]


def test_the_candidate_on_the_forwarders_host_is_kept_and_leads_there() -> None:
    detour = through(SDP, ("192.0.2.2", 1234))
    assert detour.host == ("192.0.2.2", 5000)
    assert candidates(detour.sdp) == [
        "a=candidate:2 1 udp 2130706430 192.0.2.2 1234 typ host generation 0"
    ]
    assert detour.sdp.endswith("a=end-of-candidates\r\n")


def test_elsewhere_the_first_host_candidate_over_ipv4_is_kept() -> None:
    detour = through(SDP, ("198.51.100.1", 1234))
    assert detour.host == ("127.0.0.1", 4000)
    assert candidates(detour.sdp) == ["a=candidate:1 1 udp 2130706431 198.51.100.1 1234 typ host"]


def test_without_a_usable_candidate_it_is_an_error() -> None:
    with pytest.raises(MeasurementError, match="no UDP host candidate"):
        through("v=0\r\na=candidate:1 1 udp\r\n", ("192.0.2.2", 1234))
