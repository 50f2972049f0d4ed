"""How the client proves who it is: challenges, nonces and realms that change, SHA-256."""

from random import Random

import pytest

from purertc.errors import ArgumentError
from purertc.sansio.turn import (
    TurnAllocated,
    TurnClient,
    TurnCredentials,
    TurnFailed,
)
from purertc.testing import SimulatedTurnServer, TurnLie
from purertc.wire.stun import (
    ALLOCATE,
    CREATE_PERMISSION,
    Attribute,
    MessageClass,
    StunMessage,
    pack_error_code,
)
from tests.support.turn_on_host import CREDENTIALS, TurnNetwork

DATA = b"\x80 data"


@pytest.fixture
def lan() -> TurnNetwork:
    return TurnNetwork()


def test_the_first_request_is_not_signed_and_names_nobody(lan: TurnNetwork) -> None:
    SimulatedTurnServer(lan.server_host)
    turn = lan.client()
    lan.run()
    first, second = map(StunMessage.parse, turn.sent)
    assert Attribute.USERNAME not in first.attributes
    assert second.attributes[Attribute.USERNAME] == b"user"
    assert second.attributes[Attribute.REALM] == b"purertc.test"
    assert isinstance(turn.events[0], TurnAllocated)


def test_a_wrong_password_fails_after_one_try(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn = lan.client(credentials=TurnCredentials("user", "wrong"))
    lan.run()
    assert turn.events == [TurnFailed(401, "Unauthorized")]
    assert server.requests == [ALLOCATE, ALLOCATE]


def test_a_wrong_realm_fails_as_a_wrong_password(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    server.lie = TurnLie.WRONG_REALM
    turn = lan.client()
    lan.run()
    assert turn.events == [TurnFailed(401, "Unauthorized")]


def test_time_limited_credentials_are_credentials(lan: TurnNetwork) -> None:
    credentials = TurnCredentials("1767225600:alice", "c2VjcmV0")
    SimulatedTurnServer(
        lan.server_host, username=credentials.username, password=credentials.password
    )
    turn = lan.client(credentials=credentials)
    lan.run()
    assert isinstance(turn.events[0], TurnAllocated)


def test_a_stale_nonce_costs_one_round_trip(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(), lan.peer()
    lan.run()
    server.access.expire_nonces()
    turn.send(peer.address, DATA)
    lan.run(0.065)
    assert peer.received == [(turn.relayed, DATA)]
    assert server.requests.count(CREATE_PERMISSION) == 2


def test_the_realm_may_change(lan: TurnNetwork) -> None:
    server = SimulatedTurnServer(lan.server_host, lifetime=100)
    turn, peer = lan.client(), lan.peer()
    lan.run()
    server.access.realm = "another.test"
    turn.send(peer.address, DATA)
    lan.run()
    assert peer.received == [(turn.relayed, DATA)]
    lan.run(1000)
    assert len(server.allocations) == 1
    assert len(turn.events) == 1


def test_sha256_is_used_when_offered(lan: TurnNetwork) -> None:
    SimulatedTurnServer(lan.server_host, sha256=True)
    turn, peer = lan.client(), lan.peer()
    lan.run()
    assert isinstance(turn.events[0], TurnAllocated)
    turn.send(peer.address, DATA)
    lan.run()
    assert peer.received == [(turn.relayed, DATA)]
    request = StunMessage.parse(turn.sent[1])
    assert request.attributes[Attribute.PASSWORD_ALGORITHM] == b"\0\2\0\0"
    assert Attribute.USERNAME not in request.attributes
    assert b"user" not in turn.sent[1]


def test_a_server_that_never_likes_a_nonce_is_given_up() -> None:
    client = TurnClient(CREDENTIALS, Random(1).randbytes, reliable=False)
    client.start(0.0)
    asked = 0
    while (out := client.transmits()) and asked < 100:
        asked += 1
        client.receive(challenge(out[0][0], 438, b"realm", b"nonce"), 0.0)
    assert asked == 5
    assert client.next_event() == TurnFailed(438, "No")
    assert client.next_deadline() is None


def test_a_server_that_always_has_another_realm_is_given_up() -> None:
    client = TurnClient(CREDENTIALS, Random(1).randbytes, reliable=False)
    client.start(0.0)
    asked = 0
    while (out := client.transmits()) and asked < 100:
        asked += 1
        client.receive(challenge(out[0][0], 401, b"realm %d" % asked, b"nonce"), 0.0)
    assert asked == 5
    assert client.next_event() == TurnFailed(401, "No")


@pytest.mark.parametrize(
    ("realm", "nonce", "algorithms"),
    [
        (None, b"nonce", None),
        (b"realm", None, None),
        (b"realm" * 200, b"nonce", None),
        (b"realm", b"nonce" * 200, None),
        (b"realm", b"obMatJos2gAAAnonce", None),
        (b"realm", b"nonce", b"\0\x09\0\0"),
        (b"realm", b"nonce", b"\0\1\0\x09"),
        (b"realm", b"nonce", b"\0"),
    ],
    ids=["realm", "nonce", "long realm", "long nonce", "downgrade", "unknown", "length", "short"],
)
def test_a_challenge_that_cannot_be_met_fails(
    realm: bytes | None, nonce: bytes | None, algorithms: bytes | None
) -> None:
    client = TurnClient(CREDENTIALS, Random(1).randbytes, reliable=False)
    client.start(0.0)
    [(request, _)] = client.transmits()
    client.receive(challenge(request, 401, realm, nonce, algorithms), 0.0)
    failure = client.next_event()
    assert isinstance(failure, TurnFailed)
    assert failure.code == 401
    assert client.bad_packets == 1
    assert client.transmits() == []


def test_credentials_must_have_bytes_and_hide_the_password() -> None:
    with pytest.raises(ArgumentError, match="Unicode"):
        TurnCredentials("\ud800", "password")
    assert "secret" not in repr(TurnCredentials("user", "secret"))


def challenge(
    request: bytes,
    code: int,
    realm: bytes | None,
    nonce: bytes | None,
    algorithms: bytes | None = None,
) -> bytes:
    """Return an answer that asks for a signature."""
    values = {
        Attribute.ERROR_CODE: pack_error_code(code, "No"),
        Attribute.REALM: realm,
        Attribute.NONCE: nonce,
        Attribute.PASSWORD_ALGORITHMS: algorithms,
    }
    attributes = {int(kind): value for kind, value in values.items() if value is not None}
    transaction_id = StunMessage.parse(request).transaction_id
    return StunMessage(MessageClass.ERROR, transaction_id, attributes, ALLOCATE).to_bytes()
