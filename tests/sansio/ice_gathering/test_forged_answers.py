"""Answers that lie are dropped and counted; the true one still counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.wire.stun import Attribute, MessageClass, StunMessage, pack_xor_address
from tests.support.gathering_bench import BASE, GatheringBench, Server, stun_server

SERVER = ("198.51.100.1", 3478)
STRANGER = ("198.51.100.66", 3478)
FORGED = ("203.0.113.66", 666)


def start() -> tuple[GatheringBench, bytes]:
    """Return a bench that has asked a server, and the transaction id it used."""
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.start()
    return bench, bench.sent[0][1].payload[8:20]


def answer(transaction_id: bytes, mapped: tuple[str, int] = FORGED) -> bytes:
    attributes: dict[int, bytes] = {
        Attribute.XOR_MAPPED_ADDRESS: pack_xor_address(mapped, transaction_id)
    }
    return StunMessage(MessageClass.SUCCESS, transaction_id, attributes).to_bytes()


def message(kind: MessageClass, transaction_id: bytes, method: int = 1) -> bytes:
    return StunMessage(kind, transaction_id, {}, method).to_bytes()


def test_another_transaction() -> None:
    bench, _ = start()
    bench.deliver(answer(bytes(12)), SERVER)
    assert bench.reflexive == []
    assert bench.gatherer.dropped == 1


def test_another_source_is_not_owned() -> None:
    bench, transaction_id = start()
    assert bench.gatherer.owns(SERVER, BASE)
    assert not bench.gatherer.owns(STRANGER, BASE)
    assert not bench.gatherer.owns(SERVER, ("192.0.2.77", 1))
    bench.deliver(answer(transaction_id), STRANGER)
    assert bench.reflexive == []
    assert bench.gatherer.dropped == 1


@pytest.mark.parametrize("kind", list(MessageClass))
def test_answers_that_say_nothing(kind: MessageClass) -> None:
    bench, transaction_id = start()
    bench.deliver(message(kind, transaction_id), SERVER)
    assert (bench.reflexive, bench.errors) == ([], [])
    assert bench.gatherer.dropped == 1


def test_another_method() -> None:
    bench, transaction_id = start()
    bench.deliver(message(MessageClass.SUCCESS, transaction_id, method=3), SERVER)
    assert bench.gatherer.dropped == 1


@pytest.mark.parametrize("mapped", [("0.0.0.0", 1), ("203.0.113.66", 0), ("2001:db8::1", 1),
                                    ("224.0.0.1", 1)])  # fmt: skip
def test_addresses_that_cannot_be(mapped: tuple[str, int]) -> None:
    bench, transaction_id = start()
    bench.deliver(answer(transaction_id, mapped), SERVER)
    assert bench.reflexive == []
    assert bench.gatherer.dropped == 1


def test_the_true_answer_after_lies() -> None:
    honest: Server = stun_server
    bench, transaction_id = start()
    bench.servers[SERVER] = honest
    for lie in (b"", b"\0", answer(bytes(12)), answer(transaction_id)[:-1], bytes(20)):
        bench.deliver(lie, SERVER)
    bench.run(1)
    assert [found.mapped for found in bench.reflexive] == [BASE]
    assert bench.gatherer.dropped == 5


def test_a_second_answer_changes_nothing() -> None:
    bench, transaction_id = start()
    bench.deliver(answer(transaction_id, ("203.0.113.5", 1)), SERVER)
    bench.deliver(answer(transaction_id), SERVER)
    assert [found.mapped for found in bench.reflexive] == [("203.0.113.5", 1)]
    assert bench.gatherer.dropped == 1


@given(st.binary(max_size=60), st.booleans())
def test_no_bytes_raise(data: bytes, ours: bool) -> None:
    bench, transaction_id = start()
    if ours:
        data = data[:8] + transaction_id + data[20:]
    assert bench.deliver(data, SERVER) == []
    assert bench.finished == 0


def test_a_flood_keeps_nothing() -> None:
    bench, _ = start()
    before = len(bench.events)
    for number in range(10000):
        bench.deliver(answer(number.to_bytes(12, "big")), SERVER)
    assert bench.gatherer.dropped == 10000
    assert len(bench.events) == before
    assert bench.gatherer.transmits() == []
