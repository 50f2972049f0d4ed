"""Which connection gets a datagram on a shared socket, and that nobody can take another's."""

import struct

import pytest

from purertc.mux_routes import Flows, MuxRoutes
from purertc.sansio.types import Address, Datagram
from purertc.wire.stun import Attribute, MessageClass, StunMessage

LOCAL = ("192.0.2.1", 3478)
ALICE = ("198.51.100.1", 1000)
BOB = ("198.51.100.2", 2000)
MALLORY = ("203.0.113.66", 666)
DTLS = b"\x16" + bytes(40)


class Owner:
    def __init__(self, fragment: str) -> None:
        self.fragment = fragment
        self.flows = Flows()


class World:
    """Two connections on one socket."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.one, self.two = Owner("one"), Owner("two")
        self.members = {owner.fragment: owner for owner in (self.one, self.two)}
        self.routes: MuxRoutes[Owner] = MuxRoutes(self.members.get, lambda: self.time)

    def receive(self, payload: bytes, source: Address, segment_size: int = 0) -> Owner | None:
        return self.routes.owner_of(Datagram(payload, source, LOCAL, segment_size))

    def ask(self, owner: Owner, destination: Address, number: int = 1) -> bytes:
        """Let a connection send a request; return the answer to it."""
        self.routes.sent(owner, request("theirs:ours", number), destination)
        return answer(number)

    def confirm(self, owner: Owner, source: Address, number: int = 1) -> None:
        assert self.receive(self.ask(owner, source, number), source) is owner


@pytest.fixture
def world() -> World:
    return World()


def transaction(number: int) -> bytes:
    return number.to_bytes(12)


def request(username: str, number: int = 99) -> bytes:
    message = StunMessage(MessageClass.REQUEST, transaction(number))
    message.attributes[Attribute.USERNAME] = username.encode()
    return message.to_bytes(b"key")


def answer(number: int, kind: MessageClass = MessageClass.SUCCESS) -> bytes:
    return StunMessage(kind, transaction(number)).to_bytes(b"key")


def test_a_request_is_for_the_connection_that_its_user_name_begins_with(world: World) -> None:
    assert world.receive(request("one:x"), ALICE) is world.one
    assert world.receive(request("two:x"), BOB) is world.two


def test_what_follows_a_request_goes_the_same_way(world: World) -> None:
    world.receive(request("one:x"), ALICE)
    assert world.receive(DTLS, ALICE) is world.one
    assert world.receive(DTLS * 3, ALICE, len(DTLS)) is world.one
    indication = answer(5, MessageClass.INDICATION)
    assert world.receive(indication, ALICE) is world.one
    assert world.receive(b"", ALICE) is world.one


@pytest.mark.parametrize(
    "payload",
    [
        DTLS,
        request("three:x"),
        request(":one"),
        request(""),
        StunMessage(MessageClass.REQUEST, transaction(1)).to_bytes(b"key"),
        answer(1),
        answer(1, MessageClass.ERROR),
        answer(1, MessageClass.INDICATION),
        b"",
        b"\x00",
        b"\x01\x01" + bytes(17),
        request("one:x")[:-1],
        bytes(20),
        struct.pack("!HHI12s", 1, 65532, 0x2112A442, bytes(12)),
    ],
)
def test_nobody_gets_what_belongs_to_nobody(world: World, payload: bytes) -> None:
    assert world.receive(payload, MALLORY) is None
    assert world.routes.size == 0


def test_an_answer_goes_to_who_asked_though_both_asked_the_same_server(world: World) -> None:
    first, second = world.ask(world.one, ALICE, 1), world.ask(world.two, ALICE, 2)
    assert world.receive(second, ALICE) is world.two
    assert world.receive(first, ALICE) is world.one
    assert world.receive(answer(3), ALICE) is world.two, "it was confirmed first"


def test_an_error_is_an_answer_but_proves_nothing(world: World) -> None:
    world.ask(world.one, ALICE)
    assert world.receive(answer(1, MessageClass.ERROR), ALICE) is world.one
    assert world.receive(request("two:x"), ALICE) is world.two


def test_an_answer_from_elsewhere_is_nobodys(world: World) -> None:
    reply = world.ask(world.one, ALICE)
    assert world.receive(reply, MALLORY) is None
    assert world.receive(request("two:x"), ALICE) is world.two, "nothing was confirmed"


def test_a_forged_request_takes_no_flow_that_is_alive(world: World) -> None:
    world.confirm(world.one, ALICE)
    world.time += 29.0
    assert world.receive(request("two:x"), ALICE) is None
    assert world.routes.refused == 1
    assert world.receive(DTLS, ALICE) is world.one
    assert world.receive(request("one:x"), ALICE) is world.one


def test_sending_takes_no_address_from_another_connection(world: World) -> None:
    world.receive(request("one:x"), ALICE)
    world.ask(world.two, ALICE)
    assert world.receive(DTLS, ALICE) is world.one


def test_an_address_that_was_only_asked_yields_to_a_request_from_it(world: World) -> None:
    world.ask(world.one, ALICE)
    assert world.receive(request("two:x"), ALICE) is world.two
    assert world.receive(DTLS, ALICE) is world.two
    assert world.routes.refused == 0


def test_a_flow_without_consent_for_30_seconds_can_be_taken(world: World) -> None:
    world.confirm(world.one, ALICE)
    world.time += 30.0
    assert world.receive(request("two:x"), ALICE) is world.two
    assert world.receive(DTLS, ALICE) is world.two


def test_consent_keeps_a_flow(world: World) -> None:
    for number in range(1, 10):
        world.confirm(world.one, ALICE, number)
        world.time += 25.0
        assert world.receive(request("two:x"), ALICE) is None


def test_an_answer_takes_over_what_was_not_confirmed(world: World) -> None:
    world.ask(world.one, ALICE, 1)
    world.confirm(world.two, ALICE, 2)
    assert world.receive(DTLS, ALICE) is world.two
    assert world.receive(answer(1), ALICE) is world.one
    assert world.receive(DTLS, ALICE) is world.two, "its answer came first"


def test_all_entries_of_a_connection_go_and_no_others(world: World) -> None:
    world.confirm(world.one, ALICE, 1)
    world.confirm(world.two, BOB, 2)
    world.ask(world.one, MALLORY, 3)
    world.routes.forget(world.one)
    assert world.receive(DTLS, ALICE) is None
    assert world.receive(answer(3), MALLORY) is None
    assert world.receive(DTLS, BOB) is world.two
    world.routes.forget(world.two)
    assert world.routes.size == 0


def test_a_flood_of_sources_neither_grows_the_table_nor_pushes_out_what_is_alive(
    world: World,
) -> None:
    world.confirm(world.one, ALICE, 1)
    world.confirm(world.two, BOB, 2)
    for number in range(3000):
        world.receive(request("one:x"), ("203.0.113.7", number))
    assert world.routes.size < 600
    assert world.receive(DTLS, ALICE) is world.one
    assert world.receive(DTLS, BOB) is world.two
    assert world.receive(DTLS, ("203.0.113.7", 2999)) is world.one
    assert world.receive(DTLS, ("203.0.113.7", 0)) is None


def test_what_is_asked_again_stays(world: World) -> None:
    world.ask(world.one, ALICE)
    for number in range(600):
        world.receive(request("one:x"), ("203.0.113.7", number))
        if number % 100 == 0:
            world.ask(world.one, ALICE)
    assert world.receive(DTLS, ALICE) is world.one


def test_a_connection_full_of_living_flows_takes_no_more(world: World) -> None:
    for number in range(512):
        world.confirm(world.one, ("203.0.113.7", number), number)
    world.receive(request("one:x"), ALICE)
    assert world.receive(DTLS, ALICE) is None
    assert world.receive(DTLS, ("203.0.113.7", 0)) is world.one


def test_requests_under_way_are_bounded_and_the_oldest_is_forgotten(world: World) -> None:
    for number in range(1000):
        world.ask(world.one, ALICE, number)
    assert world.routes.size == 257
    assert world.receive(answer(999), ALICE) is world.one
    world.routes.forget(world.one)
    assert world.receive(answer(999), ALICE) is None


def test_a_request_that_is_repeated_counts_once(world: World) -> None:
    for _ in range(5):
        world.ask(world.one, ALICE, 7)
    assert world.routes.size == 2


def test_a_transaction_of_another_connection_is_not_taken(world: World) -> None:
    world.ask(world.one, ALICE, 7)
    world.ask(world.two, ALICE, 7)
    assert world.receive(answer(7), ALICE) is world.one
    world.routes.forget(world.two)
    world.routes.forget(world.one)
    assert world.routes.size == 0
