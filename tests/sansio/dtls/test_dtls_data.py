"""Application packets: order, batches, runs of equal length, what may be sent when."""

import random

import pytest

from purertc.errors import InvalidStateError
from purertc.sansio.dtls import DtlsTransport
from tests.support.dtls_pair import certificate, connected_pair


def segments(payloads: list[tuple[bytes, int]]) -> list[bytes]:
    """Cut joined payloads as the kernel would."""
    datagrams = []
    for payload, size in payloads:
        step = size or len(payload)
        datagrams += [payload[at : at + step] for at in range(0, len(payload), step)]
    return datagrams


@pytest.mark.parametrize("sender", ["client", "server"])
def test_packets_arrive_whole_and_in_order(sender: str) -> None:
    pair = connected_pair()
    source, target = pair.client, pair.server
    if sender == "server":
        source, target = target, source
    rng = random.Random(5)
    packets = [rng.randbytes(rng.choice([1, 2, 100, 1151, 1151, 1151])) for _ in range(500)]
    assert target.receive(segments(source.send(packets)), 0.0) == packets
    assert target.dropped == 0


def test_equal_packets_are_joined() -> None:
    payloads = connected_pair().client.send([bytes(1151)] * 52)
    assert [(len(payload), size) for payload, size in payloads] == [(52 * 1188, 1188)]


def test_a_shorter_packet_ends_a_run() -> None:
    payloads = connected_pair().client.send([bytes(100), bytes(100), bytes(50), bytes(100)])
    assert [(len(payload), size) for payload, size in payloads] == [(361, 137), (137, 0)]


def test_a_longer_packet_begins_a_run() -> None:
    payloads = connected_pair().client.send([bytes(50), bytes(100), bytes(100)])
    assert [(len(payload), size) for payload, size in payloads] == [(87, 0), (274, 137)]


def test_runs_stay_below_the_limits_of_the_kernel() -> None:
    client = connected_pair().client
    small = client.send([bytes(10)] * 150)
    assert [len(payload) // size for payload, size in small] == [64, 64, 22]
    large = client.send([bytes(1400)] * 60)
    assert all(len(payload) <= 65000 for payload, _ in large)
    assert sum(len(payload) // size for payload, size in large) == 60


def test_large_batches_are_read_completely() -> None:
    pair = connected_pair()
    packets = [bytes([number % 256]) * 16000 for number in range(10)]
    datagrams = [payload for packet in packets for payload, _ in pair.client.send([packet])]
    assert pair.server.receive(datagrams, 0.0) == packets


def test_several_records_may_share_a_datagram() -> None:
    pair = connected_pair()
    ((payload, _),) = pair.client.send([b"one", b"two"])
    (((lone, _)),) = pair.client.send([b"three"])
    assert pair.server.receive([payload, lone], 0.0) == [b"one", b"two", b"three"]


def test_nothing_to_send_is_no_output() -> None:
    assert connected_pair().client.send([]) == []


def test_a_replayed_record_is_dropped() -> None:
    pair = connected_pair()
    ((payload, _),) = pair.client.send([b"once"])
    assert pair.server.receive([payload, payload], 0.0) == [b"once"]
    assert pair.server.dropped == 1


def test_reordered_records_are_delivered_as_they_come() -> None:
    pair = connected_pair()
    first, second = (pair.client.send([data])[0][0] for data in (b"first", b"second"))
    assert pair.server.receive([second, first], 0.0) == [b"second", b"first"]


def test_sending_needs_a_connection() -> None:
    transport = DtlsTransport(certificate(1))
    with pytest.raises(InvalidStateError, match="new, not connected"):
        transport.send([b"early"])
