"""The forwarder carries datagrams between two sockets and loses the share it was told to."""

import socket
from collections.abc import Iterator

import pytest

from benchmarks.forwarder import Forwarder

HOST = "127.0.0.1"
COUNT = 1000


class World:
    """Two peers and the forwarder between them."""

    def __init__(self, loss: float, seed: int) -> None:
        self.peers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for peer in self.peers:
            peer.bind((HOST, 0))
            peer.settimeout(5)
        self.forwarder = Forwarder(HOST, loss, seed)
        self.forwarder.connect([list(peer.getsockname()) for peer in reversed(self.peers)])
        for peer, port in zip(self.peers, reversed(self.forwarder.ports), strict=True):
            peer.connect((HOST, port))

    def send(self, sender: int, payload: bytes) -> bool:
        """Whether a datagram of a peer came through."""
        before = sum(side.passed for side in self.forwarder.sides)
        self.peers[sender].send(payload)
        source, target = self.forwarder.sides if sender else self.forwarder.sides[::-1]
        self.forwarder.carry(source, target)
        if sum(side.passed for side in self.forwarder.sides) == before:
            return False
        assert self.peers[1 - sender].recv(2048) == payload
        return True

    def close(self) -> None:
        for each in [*self.peers, *(side.socket for side in self.forwarder.sides)]:
            each.close()


@pytest.fixture
def worlds() -> Iterator[list[World]]:
    made = [World(0.1, 1), World(0.1, 1), World(0.1, 2)]
    yield made
    for world in made:
        world.close()


def test_nothing_is_lost_before_the_word(worlds: list[World]) -> None:
    assert all(worlds[0].send(number % 2, bytes([number])) for number in range(100))
    assert worlds[0].forwarder.report() == {"passed": 100, "lost": 0, "bytes": 100}


def test_the_share_is_lost_in_both_directions_and_the_seed_says_which(worlds: list[World]) -> None:
    fates = []
    for world in worlds:
        world.forwarder.begin_loss()
        fates.append([world.send(number % 2, b"x") for number in range(COUNT)])
        for direction in (0, 1):
            assert 0.05 < fates[-1][direction::2].count(False) / (COUNT / 2) < 0.15
    assert fates[0] == fates[1] != fates[2]


def test_a_run_of_datagrams_stays_together_less_what_was_lost(worlds: list[World]) -> None:
    world = worlds[0]
    world.forwarder.begin_loss()
    run = b"".join(bytes([number]) * 1000 for number in range(20))
    world.peers[0].sendmsg([run], [(17, 103, (1000).to_bytes(2, "little"))])
    world.forwarder.carry(*world.forwarder.sides[::-1])
    report = world.forwarder.report()
    assert report["lost"] == 20 - world.forwarder.sides[1].passed
    arrived = [world.peers[1].recv(2048) for _ in range(world.forwarder.sides[1].passed)]
    assert arrived == sorted(arrived)
    assert all(len(each) == 1000 for each in arrived)
    assert report["bytes"] == 1000 * len(arrived)
