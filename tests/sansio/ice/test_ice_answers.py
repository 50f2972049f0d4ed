"""What each kind of authentic answer does to a pair."""

import pytest

from purertc.sansio.ice import PairState
from purertc.wire.stun import Attribute, MessageClass, StunMessage, pack_xor_address
from tests.support.ice_link import IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


def checking_link() -> tuple[IceLink, bytes]:
    link = IceLink()
    link.signal([A], [B])
    return link, StunMessage.parse(link.a.requests[0]).transaction_id


def answer(
    link: IceLink, transaction_id: bytes, message_class: MessageClass, attributes: dict[int, bytes]
) -> None:
    response = StunMessage(message_class, transaction_id, attributes)
    key = link.b.agent.local_parameters.password.encode()
    link.a.agent.receive(response.to_bytes(key), B, A, link.now)


@pytest.mark.parametrize(
    ("message_class", "attributes", "reason"),
    [
        (MessageClass.SUCCESS, {}, "lacks XOR-MAPPED-ADDRESS"),
        (MessageClass.SUCCESS, {Attribute.XOR_MAPPED_ADDRESS: b"\0"}, "malformed answer"),
        (MessageClass.SUCCESS, {0x7FFE: b""}, "not understood"),
        (MessageClass.ERROR, {}, "error 500"),
        (
            MessageClass.ERROR,
            {Attribute.ERROR_CODE: b"\0\0\4\0Bad Request"},
            "error 400 Bad Request",
        ),
        (MessageClass.ERROR, {Attribute.ERROR_CODE: b"\0"}, "malformed answer"),
    ],
)
def test_useless_answer_fails_the_pair(
    message_class: MessageClass, attributes: dict[int, bytes], reason: str
) -> None:
    link, transaction_id = checking_link()

    answer(link, transaction_id, message_class, attributes)

    (pair,) = link.a.agent.pairs
    assert pair.state is PairState.FAILED
    assert reason in link.a.agent.describe()
    # The other side's own check still opens the pair.
    link.connect()


def test_second_answer_to_the_same_check_counts_for_nothing() -> None:
    link, transaction_id = checking_link()
    attributes: dict[int, bytes] = {
        Attribute.XOR_MAPPED_ADDRESS: pack_xor_address(A, transaction_id)
    }

    for _ in range(2):
        answer(link, transaction_id, MessageClass.SUCCESS, attributes)

    (pair,) = link.a.agent.pairs
    assert pair.state is PairState.SUCCEEDED
    assert pair.responses_received == 1
    assert link.a.agent.counters.stray == 1


def test_round_trip_time_is_measured_without_repetitions() -> None:
    link = IceLink(delay=0.03)
    link.signal([A], [B])
    link.connect()
    (pair,) = link.a.agent.pairs
    assert pair.current_round_trip_time == pytest.approx(0.06)

    slow = IceLink(delay=0.3)
    slow.signal([A], [B])
    slow.connect()
    slow.run(10)
    (pair,) = slow.a.agent.pairs
    # The consent checks, which are never repeated, gave the sample.
    assert pair.current_round_trip_time == pytest.approx(0.6)
