"""Garbage from the network is dropped and a healthy connection lives on."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from purertc.sansio.types import ConnectionState, Datagram
from tests.support.peer_pair import PeerPair


class Connected(PeerPair):
    """A pair with one open channel from ``a``."""

    def __init__(self) -> None:
        super().__init__()
        self.channel = self.connect()
        (self.remote,) = self.b.announced

    def still_carries(self, text: str) -> bool:
        self.a.peer.send(self.channel, text, self.now)
        return self.run(lambda: self.b.messages.get(self.remote, [""])[-1] == text, timeout=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=20))
def test_random_datagrams(payloads: list[bytes]) -> None:
    pair = Connected()
    for payload in payloads:
        for source in (pair.a.address, ("198.51.100.7", 9)):
            pair.b.peer.receive([Datagram(payload, source, pair.b.address)], pair.now)
        pair.drain(pair.b)
    assert pair.still_carries("alive")
    assert pair.b.peer.connection_state is ConnectionState.CONNECTED


def test_bit_flips_of_real_datagrams() -> None:
    pair = Connected()
    chance = random.Random(7)
    for _ in range(200):
        pair.a.peer.send(pair.channel, bytes(300), pair.now)
        for transmit in pair.a.peer.transmits(pair.now):
            damaged = bytearray(transmit.payload)
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
            datagram = Datagram(bytes(damaged), pair.a.address, pair.b.address)
            pair.b.peer.receive([datagram], pair.now)
            pair.drain(pair.b)
    assert pair.run(lambda: len(pair.b.messages.get(pair.remote, ())) == 200, timeout=120)
    assert pair.b.peer.connection_state is ConnectionState.CONNECTED


def test_records_from_an_unvalidated_address_are_dropped() -> None:
    pair = Connected()
    before = pair.b.peer.transport.dropped
    record = b"\x17\xfe\xfd" + bytes(40)
    stranger = Datagram(record, ("198.51.100.7", 9), pair.b.address)
    pair.b.peer.receive([stranger], pair.now)
    assert pair.b.peer.transport.dropped == before + 1
    assert pair.still_carries("alive")
