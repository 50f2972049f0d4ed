"""Permissions, channels and nonces that are used for longer than the server keeps them unasked.

A permission lasts five minutes and a channel ten (RFC 8656 sections 9 and 12), and no server tells
how long. So time passes a hundred times as fast: coturn is told to forget sooner, and the client's
clock, which is ours, runs ahead.
"""

import secrets
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from purertc.sansio.turn.client import TurnClient
from purertc.sansio.turn.config import RetransmissionConfig, TurnConfig, TurnCredentials
from tests.support.coturn import PASSWORD, USERNAME, Coturn, CoturnSettings
from tests.support.network_tools import need_coturn

SPEED = 100
HASTY = CoturnSettings(more=["permission-lifetime=3", "channel-lifetime=6", "stale-nonce=2"])
LONG_ENOUGH = 7.0
"""Seconds in which a permission ends twice and a channel once."""

STUN_LIKE = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
OTHER = b"anything else"

SLOW_CLOCK_FOR_ANSWERS = TurnConfig(retransmission=RetransmissionConfig(rto=0.25 * SPEED))


class Conversation:
    """A client, its server and one peer that sends back what it gets."""

    def __init__(self, coturn: Coturn) -> None:
        self.client = TurnClient(
            TurnCredentials(USERNAME, PASSWORD),
            secrets.token_bytes,
            reliable=False,
            config=SLOW_CLOCK_FOR_ANSWERS,
        )
        self.came_back = 0
        self._clock: Callable[[], float] = lambda: time.monotonic() * SPEED
        self._server = (coturn.host, coturn.port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for sock in (self._socket, self._peer):
            sock.bind((coturn.host, 0))

    def close(self) -> None:
        self._socket.close()
        self._peer.close()

    @property
    def now(self) -> float:
        return self._clock()

    def start(self) -> None:
        self.client.start(self.now)
        self.run_until(lambda: self.client.is_allocated)

    def stop_clock(self) -> None:
        """Let the client believe that nothing ever ends."""
        stopped = self.now
        self._clock = lambda: stopped

    def send(self, payload: bytes) -> None:
        self.client.send(self._peer.getsockname(), payload, self.now)

    def run_until(self, done: Callable[[], bool], limit: float = 2.0) -> bool:
        """Carry packets until ``done``; return whether it came to that within ``limit``."""
        expires = time.monotonic() + limit
        while not done():
            if time.monotonic() > expires:
                return False
            self._carry()
        return True

    def _carry(self) -> None:
        deadline = self.client.next_deadline()
        if deadline is not None and deadline <= self.now:
            self.client.handle_timeout(self.now)
        for payload, _ in self.client.transmits():
            self._socket.sendto(payload, self._server)
        readable, _, _ = select.select([self._socket, self._peer], [], [], 0.01)
        if self._peer in readable:
            payload, relay = self._peer.recvfrom(2048)
            self._peer.sendto(payload, relay)
        if self._socket in readable:
            self.came_back += len(self.client.receive(self._socket.recv(2048), self.now))


@pytest.fixture
def conversation() -> Iterator[tuple[Conversation, Coturn]]:
    need_coturn()
    with Coturn(settings=HASTY) as coturn, closing(Conversation(coturn)) as made:
        made.start()
        yield made, coturn


def talk(conversation: Conversation, payload: bytes) -> bool:
    """Send and get back, as often as there is time for; return whether all came back."""
    expires = time.monotonic() + LONG_ENOUGH
    while time.monotonic() < expires:
        before = conversation.came_back
        conversation.send(payload)

        def is_back(before: int = before) -> bool:
            return conversation.came_back > before

        if not conversation.run_until(is_back):
            return False
        conversation.run_until(lambda: False, limit=0.1)
    return True


@pytest.mark.parametrize("payload", [STUN_LIKE, OTHER], ids=["permission", "channel"])
def test_they_are_refreshed(conversation: tuple[Conversation, Coturn], payload: bytes) -> None:
    talking, coturn = conversation
    assert talk(talking, payload)
    log = coturn.log
    if payload is OTHER:
        assert log.count("CHANNEL_BIND processed, success") >= 2
    assert log.count("CREATE_PERMISSION processed, success") >= 2
    assert log.count("REFRESH processed, success") >= 1
    assert "error 438: Stale nonce" in log
    assert talking.client.is_allocated


@pytest.mark.parametrize("payload", [STUN_LIKE, OTHER], ids=["permission", "channel"])
def test_without_refreshing_they_end(
    conversation: tuple[Conversation, Coturn], payload: bytes
) -> None:
    """So the server does forget them, and the test above proves something."""
    talking, _ = conversation
    talking.stop_clock()
    assert not talk(talking, payload)
