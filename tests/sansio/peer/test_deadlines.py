"""A peer whose deadline was served asks for another moment, whatever happened before."""

import random
from contextlib import suppress

import pytest

from purertc.errors import InvalidStateError, PurertcError
from purertc.sansio.types import Datagram
from tests.support.peer_pair import PeerPair, Side


def serve(pair: PeerPair, side: Side) -> None:
    for _ in range(10):
        deadline = side.peer.next_deadline()
        if deadline is None or deadline > pair.now:
            return
        side.peer.handle_timeout(pair.now)
        pair.drain(side)
    raise AssertionError(f"still due at {pair.now}: {side.peer.deadlines()}")


def act(pair: PeerPair, side: Side, chance: random.Random) -> None:
    peer, now = side.peer, pair.now
    channels = [*side.announced, *side.messages]
    match chance.randrange(8):
        case 0:
            peer.create_data_channel("x", now=now, max_packet_life_time=chance.choice([None, 100]))
        case 1:
            pair.negotiate(side)
        case 2 if channels:
            peer.send(chance.choice(channels), bytes(chance.choice([1, 50_000])), now)
        case 3 if channels:
            peer.close_channel(chance.choice(channels), now)
        case 4:
            noise = bytes([chance.randrange(256)]) + chance.randbytes(chance.randrange(60))
            other = pair.other(side)
            peer.receive([Datagram(noise, other.address, side.address)], now)
        case 5:
            pair.loss = chance.choice([0.0, 0.3, 1.0])
        case 6 if chance.random() < 0.1:
            peer.remove_local_address(side.address, now)
        case 7 if chance.random() < 0.05:
            peer.close(now)
        case _:
            pair.run(timeout=chance.choice([0.001, 0.05, 2.0]))


@pytest.mark.parametrize("seed", range(30))
def test_served_deadlines_are_gone(seed: int) -> None:
    chance = random.Random(seed)
    pair = PeerPair(seed=seed)
    if seed % 2:
        pair.connect()
    for _ in range(60):
        side = chance.choice((pair.a, pair.b))
        with suppress(PurertcError):
            act(pair, side, chance)
        for each in (pair.a, pair.b):
            with suppress(InvalidStateError):  # a candidate for a side that has been closed
                pair.drain(each)
            serve(pair, each)
        if chance.random() < 0.1:
            pair.now += chance.choice([0.5, 7.0, 100.0])
            for each in (pair.a, pair.b):
                serve(pair, each)
