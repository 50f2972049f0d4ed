"""The simulated STUN server tells addresses, or what it is told to tell."""

import pytest

from purertc.sansio.types import Address
from purertc.testing import NatKind, SimulatedNetwork, SimulatedSocket, SimulatedStunServer
from purertc.wire.stun import MessageClass, StunMessage

SERVER: Address = ("198.51.100.1", 3478)
REQUEST = StunMessage(MessageClass.REQUEST, bytes(12)).to_bytes()


class Home:
    """A host behind a translator, and a public one for the server."""

    def __init__(self) -> None:
        self.network = SimulatedNetwork()
        nat = self.network.add_nat("nat", NatKind.FULL_CONE, "203.0.113.9")
        self.host = self.network.add_host("home", "10.0.0.2", nat=nat)
        self.server_host = self.network.add_host("server", SERVER[0], "2001:db8::1")

    def ask(self, data: bytes = REQUEST) -> StunMessage | None:
        """Return the server's answer, if one comes within a second."""
        sock: SimulatedSocket = self.host.bind("10.0.0.2")
        sock.sendto(data, SERVER)
        self.network.clock.advance(self.network.now + 1)
        return StunMessage.parse(sock.recvfrom(2048)[0]) if sock.has_datagrams else None


@pytest.fixture
def home() -> Home:
    return Home()


def test_it_tells_the_outer_address(home: Home) -> None:
    server = SimulatedStunServer(home.server_host)
    answer = home.ask()
    assert answer is not None
    mapped = answer.mapped_address()
    assert mapped is not None
    assert mapped[0] == "203.0.113.9"
    assert server.addresses == [SERVER, ("2001:db8::1", 3478)]


def test_it_may_be_silent(home: Home) -> None:
    server = SimulatedStunServer(home.server_host, silent=True)
    assert home.ask() is None
    assert server.requests == 1


def test_it_may_refuse(home: Home) -> None:
    SimulatedStunServer(home.server_host, refuse_with=(500, "Server Error"))
    answer = home.ask()
    assert answer is not None
    assert answer.error_code() == (500, "Server Error")


def test_it_may_lie(home: Home) -> None:
    SimulatedStunServer(home.server_host, tells=("192.0.2.77", 7))
    answer = home.ask()
    assert answer is not None
    assert answer.mapped_address() == ("192.0.2.77", 7)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00", bytes(20), StunMessage(MessageClass.INDICATION, bytes(12)).to_bytes()],
)
def test_it_answers_requests_only(home: Home, data: bytes) -> None:
    server = SimulatedStunServer(home.server_host)
    assert home.ask(data) is None
    assert server.requests == 0


def test_a_closed_one_is_gone(home: Home) -> None:
    server = SimulatedStunServer(home.server_host)
    server.close()
    assert home.ask() is None
