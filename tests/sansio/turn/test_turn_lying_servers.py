"""A server that lies gets no further than its own allocation, and breaks nothing."""

import pytest

from purertc.sansio.turn import TurnAllocated, TurnFailed, TurnLost
from purertc.testing import SimulatedTurnServer, TurnLie
from purertc.wire.stun import (
    ALLOCATE,
    CREATE_PERMISSION,
    DATA,
    Attribute,
    MessageClass,
    StunMessage,
    pack_xor_address,
)
from purertc.wire.turn import FIRST_CHANNEL, pack_data_indication
from tests.support.turn_on_host import PeerSocket, TurnNetwork, TurnOnHost

MEDIA = b"\x80 looks like media"


@pytest.fixture
def lan() -> TurnNetwork:
    return TurnNetwork()


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (TurnLie.NO_RELAYED_ADDRESS, "the server named no relayed address"),
        (TurnLie.SHORT_ADDRESS, "an address attribute has no known family"),
        (TurnLie.WRONG_FAMILY, "the server gave an IPv6 address instead of IPv4"),
        (TurnLie.NOWHERE, "the server gave the impossible address 0.0.0.0 port 49999"),
        (TurnLie.NO_TIME, "the server gave an address for no time at all"),
        (TurnLie.ATTRIBUTE_LENGTH, "the server does not answer this request"),
        (TurnLie.UNKNOWN_TRANSACTION, "the server does not answer this request"),
        (
            TurnLie.WRONG_INTEGRITY,
            "the server's answer fails the integrity check; it says: success",
        ),
    ],
)
def test_a_useless_allocation_fails(lan: TurnNetwork, lie: TurnLie, reason: str) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.lie = lie
    turn = lan.client()
    lan.run(60)
    assert turn.events == [TurnFailed(701, reason)]
    assert turn.client.bad_packets + turn.client.dropped > 0
    assert turn.client.next_deadline() is None


@pytest.mark.parametrize("lie", [TurnLie.NO_RELAYED_ADDRESS, TurnLie.WRONG_FAMILY])
def test_a_useless_allocation_is_given_back(lan: TurnNetwork, lie: TurnLie) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.lie = lie
    lan.client()
    lan.run()
    assert server.allocations == []


def test_wrong_integrity_over_a_stream_is_known_at_once(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.lie = TurnLie.WRONG_INTEGRITY
    server.refuse_with = (508, "Insufficient Capacity")
    turn = lan.client(reliable=True)
    lan.run()
    reason = "the server's answer fails the integrity check; it says: Insufficient Capacity"
    assert turn.events == [TurnFailed(701, reason)]


def test_a_server_that_begins_to_lie_loses_the_allocation(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    server.lie = TurnLie.WRONG_INTEGRITY
    lan.run(600)
    assert isinstance(turn.events[-1], TurnLost)


@pytest.mark.parametrize("lie", [TurnLie.CHANNEL_LENGTH, TurnLie.ATTRIBUTE_LENGTH])
def test_packets_with_lying_lengths_are_dropped(lan: TurnNetwork, lie: TurnLie) -> None:
    server, turn, peer = with_channel(lan)
    server.lie = lie
    if lie is TurnLie.ATTRIBUTE_LENGTH:
        server.allocations[0].channels.clear()
    peer.send(b"bent", turn.relayed)
    lan.run()
    assert turn.received == []
    assert turn.client.bad_packets == 1
    server.lie = None
    peer.send(b"straight", turn.relayed)
    lan.run()
    assert turn.received == [(peer.address, b"straight")]


def test_data_of_peers_without_permission_is_dropped(lan: TurnNetwork) -> None:
    _, turn, peer = with_channel(lan)
    turn.take(pack_data_indication(bytes(12), ("203.0.113.99", 9), b"let me in"))
    assert turn.received == []
    assert turn.client.dropped == 1
    turn.take(pack_data_indication(bytes(12), (peer.address[0], 9), b"another port"))
    assert turn.received == [((peer.address[0], 9), b"another port")]


def test_indications_that_lack_something_are_dropped(lan: TurnNetwork) -> None:
    _, turn, peer = with_channel(lan)
    whole = {
        int(Attribute.XOR_PEER_ADDRESS): pack_xor_address(peer.address, bytes(12)),
        int(Attribute.DATA): b"payload",
    }
    for missing in whole:
        rest = {kind: value for kind, value in whole.items() if kind != missing}
        message = StunMessage(MessageClass.INDICATION, bytes(12), rest, DATA)
        turn.take(message.to_bytes())
    assert turn.received == []
    assert (turn.client.dropped, turn.client.bad_packets) == (1, 1)


def test_requests_and_foreign_indications_of_a_server_are_dropped(lan: TurnNetwork) -> None:
    _, turn, _ = with_channel(lan)
    turn.sent.clear()
    for message_class, method in (
        (MessageClass.REQUEST, ALLOCATE),
        (MessageClass.REQUEST, DATA),
        (MessageClass.INDICATION, ALLOCATE),
    ):
        turn.take(StunMessage(message_class, bytes(12), {}, method).to_bytes())
    assert turn.client.dropped == 3
    assert turn.sent == []


def test_answers_that_nobody_signed_are_dropped(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(), lan.peer()
    lan.run()
    turn.send(peer.address, MEDIA)
    request = StunMessage.parse(turn.sent[-1])
    assert request.method == CREATE_PERMISSION
    forged = StunMessage(MessageClass.SUCCESS, request.transaction_id, {}, CREATE_PERMISSION)
    turn.sent.clear()
    for data in (forged.to_bytes(), forged.to_bytes(b"guess")):
        turn.take(data)
    assert turn.client.dropped == 2
    assert turn.sent == []
    lan.run()
    assert peer.received == [(turn.relayed, MEDIA)]
    assert len(server.allocations) == 1


def test_the_answer_to_another_method_is_none(lan: TurnNetwork) -> None:
    turn = lan.client()
    request = StunMessage.parse(turn.sent[0])
    answer = StunMessage(MessageClass.SUCCESS, request.transaction_id, {}, CREATE_PERMISSION)
    turn.take(answer.to_bytes())
    assert turn.events == []
    assert turn.client.dropped == 1


def test_a_hostile_reason_is_made_printable(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.refuse_with = (508, "\x1b[31mred\x00\r\n" + "x" * 500)
    turn = lan.client()
    lan.run()
    [failure] = turn.events
    assert isinstance(failure, TurnFailed)
    assert failure.reason.isprintable()
    assert len(failure.reason) <= 200


def with_channel(lan: TurnNetwork) -> tuple[SimulatedTurnServer, TurnOnHost, PeerSocket]:
    server = SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(), lan.peer()
    lan.run()
    for _ in range(2):
        turn.send(peer.address, MEDIA)
        lan.run()
    assert isinstance(turn.events[0], TurnAllocated)
    assert list(server.allocations[0].channels) == [FIRST_CHANNEL]
    return server, turn, peer
