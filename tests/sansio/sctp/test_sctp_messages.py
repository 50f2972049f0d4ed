"""Messages of every size, ordered and unordered, on several streams."""

from random import Random

import pytest

from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair

SIZES = [1, 2, 3, 4, 5, 63, 64, 1159, 1160, 1161, 1175, 1176, 1177, 2320, 2321, 65_535, 262_144]


@pytest.mark.parametrize("ordered", [True, False])
def test_sizes(ordered: bool) -> None:
    pair = SctpPair().connect()
    messages = [Random(size).randbytes(size) for size in SIZES]
    for message in messages:
        pair.left.sctp.send(5, 53, message, pair.now, ordered=ordered)
    pair.run_until_received(pair.right, len(messages), 20.0)
    assert pair.right.payloads() == messages
    assert {(stream, ppid) for stream, ppid, _ in pair.right.messages} == {(5, 53)}


@pytest.mark.parametrize("seed", range(10))
def test_each_stream_keeps_its_order_under_loss(seed: int) -> None:
    pair = SctpPair(seed=seed, conditions=LinkConditions(loss=0.1, reordering=0.1)).connect()
    random = Random(seed)
    sent: dict[int, list[bytes]] = {stream: [] for stream in range(4)}
    for number in range(200):
        stream = random.randrange(4)
        message = number.to_bytes(2, "big") * random.choice((1, 10, 1500))
        sent[stream].append(message)
        pair.left.sctp.send(stream, 53, message, pair.now)
    pair.run_until_received(pair.right, 200, 60.0)
    for stream, messages in sent.items():
        assert pair.right.payloads(stream) == messages


@pytest.mark.parametrize("seed", range(10))
def test_unordered_messages_all_arrive_once_under_loss(seed: int) -> None:
    pair = SctpPair(seed=seed, conditions=LinkConditions(loss=0.1, duplication=0.1)).connect()
    messages = [number.to_bytes(2, "big") * 800 for number in range(100)]
    for message in messages:
        pair.left.sctp.send(1, 53, message, pair.now, ordered=False)
    pair.run_until_received(pair.right, 100, 60.0)
    pair.run(5.0)
    assert sorted(pair.right.payloads()) == messages
    assert pair.right.payloads() != messages


def lose_first_data_packet(pair: SctpPair) -> None:
    lost: list[bytes] = []

    def drop(sender: int, packet: bytes) -> bool:
        hit = sender == 0 and len(packet) > 1000 and not lost
        if hit:
            lost.append(packet)
        return hit

    pair.link.drop = drop


def test_a_loss_on_one_stream_does_not_hold_up_another() -> None:
    pair = SctpPair().connect()
    lose_first_data_packet(pair)
    pair.left.sctp.send(1, 53, b"a" * 1160, pair.now)
    for number in range(3):
        pair.left.sctp.send(2, 53, bytes([number]) * 1500, pair.now)
    pair.run_until_received(pair.right, 3, 0.03)
    assert [data[0] for data in pair.right.payloads(2)] == [0, 1, 2]
    pair.run_until_received(pair.right, 4, 2.0)
    assert pair.right.messages[-1] == (1, 53, b"a" * 1160)


def test_unordered_messages_overtake_a_lost_ordered_one() -> None:
    pair = SctpPair().connect()
    lose_first_data_packet(pair)
    pair.left.sctp.send(1, 53, b"a" * 1160, pair.now)
    pair.left.sctp.send(1, 53, b"ordered", pair.now)
    pair.left.sctp.send(1, 53, b"unordered", pair.now, ordered=False)
    pair.run_until_received(pair.right, 3, 2.0)
    assert pair.right.payloads() == [b"unordered", b"a" * 1160, b"ordered"]


def test_sequence_numbers_wrap() -> None:
    pair = SctpPair().connect()
    for begin in range(0, 70_000, 10_000):
        for number in range(begin, begin + 10_000):
            pair.left.sctp.send(1, 53, number.to_bytes(4, "big"), pair.now)
        pair.run_until_received(pair.right, begin + 10_000, 60.0)
    assert pair.right.payloads() == [number.to_bytes(4, "big") for number in range(70_000)]


def test_tsns_wrap() -> None:
    pair = SctpPair()
    for end in pair.ends:
        end.sctp._machines.handshake.local_tsn = 0xFFFF_FFF0
    pair.connect()
    pair.left.sctp.send(1, 53, bytes(100_000), pair.now)
    pair.run_until_received(pair.right, 1, 5.0)
    assert len(pair.right.payloads()[0]) == 100_000
