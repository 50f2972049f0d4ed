"""A single loss is repaired within a round trip, without a timeout."""

import pytest

from tests.support.sctp_pair import SctpPair


@pytest.mark.parametrize("victim", [0, 1, 5, 9])
def test_a_lost_packet_is_resent_after_one_round_trip(victim: int) -> None:
    pair = SctpPair().connect()
    seen = [0]

    def drop(sender: int, packet: bytes) -> bool:
        if sender == 0 and len(packet) > 1000:
            seen[0] += 1
            return seen[0] == victim + 1
        return False

    pair.link.drop = drop
    pair.left.sctp.send(1, 53, bytes(40_000), pair.now)
    window = pair.left.sctp.congestion_window
    took = pair.run_until_received(pair.right, 1, 5.0)
    assert took < 0.3
    assert pair.left.sctp.retransmission_timeouts == 0
    assert pair.left.sctp.retransmitted_chunks == 1
    assert pair.left.sctp.congestion_window < window + 20 * 1188


def test_the_loss_of_a_tail_is_found_by_a_probe() -> None:
    pair = SctpPair().connect()
    lost: list[bytes] = []

    def drop(sender: int, packet: bytes) -> bool:
        hit = sender == 0 and len(packet) > 1000 and len(lost) < 5
        if hit:
            lost.append(packet)
        return hit

    pair.link.drop = drop
    pair.left.sctp.send(1, 53, bytes(5 * 1160), pair.now)
    assert pair.run_until_received(pair.right, 1, 5.0) < 0.3
    assert pair.left.sctp.retransmission_timeouts == 0


def test_a_timeout_shrinks_the_window_to_one_packet() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(1, 53, bytes(20_000), pair.now)
    pair.link.drop = lambda sender, packet: sender == 0
    pair.link.run(2.0, lambda: pair.left.sctp.retransmission_timeouts == 1)
    assert pair.left.sctp.congestion_window == 1188
    pair.link.drop = None
    assert pair.run_until_received(pair.right, 1, 5.0) < 3.0


def test_reordering_by_two_packets_is_no_loss() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(1, 53, bytes(11_000), pair.now)
    packets = pair.left.sctp.packets(pair.now)
    packets[2], packets[3], packets[4] = packets[4], packets[2], packets[3]
    for packet in packets:
        pair.right.sctp.receive([packet], pair.now)
        pair.left.sctp.receive(pair.right.sctp.packets(pair.now), pair.now)
    pair.right.collect(pair.now)
    assert len(pair.right.messages) == 1
    assert pair.left.sctp.retransmitted_chunks == 0
    assert pair.left.sctp.bytes_in_flight <= 1160  # its SACK may be delayed
