"""What a pair counts (W3C webrtc-stats section 8.15)."""

import pytest

from purertc.sansio.ice import CandidatePair
from tests.support.ice_link import IceLink, Node

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


def selected(node: Node) -> CandidatePair:
    assert node.agent.selected is not None
    return node.agent.selected


def test_what_one_side_sends_the_other_receives() -> None:
    link = IceLink(delay=0.02)
    link.signal([A], [B])
    link.connect()
    link.run(100)

    for node, other in ((link.a, link.b), (link.b, link.a)):
        pair, theirs = selected(node), selected(other)
        asked = pair.requests_sent + pair.consent_requests_sent
        assert asked == theirs.requests_received == theirs.responses_sent == pair.responses_received
        assert asked == len(node.requests)
        assert 10 <= pair.consent_requests_sent < 100 / 2.5
        assert pair.retransmissions == 0
        assert pair.current_round_trip_time == pytest.approx(0.04)
        assert pair.total_round_trip_time == pytest.approx(0.04 * pair.responses_received)


def test_repetitions_are_counted_apart() -> None:
    link = IceLink()
    link.block(A[0], B[0])
    link.signal([A], [B])
    link.run(7)

    (pair,) = link.a.agent.pairs

    assert pair.requests_sent == 1
    assert pair.retransmissions == len(link.a.requests) - 1 > 3
    assert pair.responses_received == 0
    assert pair.current_round_trip_time is None


def test_packets_and_bytes_are_the_owners() -> None:
    link = IceLink()
    link.signal([A], [B])
    link.connect()
    link.run(10)

    pair = link.a.agent.validated_pair(B, A)

    assert pair is selected(link.a)
    assert (pair.packets_sent, pair.packets_received) == (0, 0)
    assert (pair.bytes_sent, pair.bytes_received) == (0, 0)
    assert link.a.agent.validated_pair(("192.0.2.99", 1), A) is None
