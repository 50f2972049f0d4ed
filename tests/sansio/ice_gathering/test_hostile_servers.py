"""Servers that garble, repeat and invent: nothing raises, and gathering ends in time."""

import random

import pytest

from purertc.sansio.config import IceServer
from purertc.sansio.types import Transmit
from tests.support.gathering_bench import BASE, BASE6, GatheringBench, Server, stun_server
from tests.support.scripted_turn_server import ScriptedTurnServer

SERVER = ("198.51.100.1", 3478)
PEER = ("203.0.113.99", 7777)


def garbling(server: Server, rng: random.Random) -> Server:
    """Return a server whose answers are changed, cut, repeated or made up now and then."""

    def answer(data: bytes, source: tuple[str, int]) -> list[bytes]:
        answers: list[bytes] = []
        for honest in server(data, source):
            garbled = bytearray(honest)
            for _ in range(rng.choice((0, 0, 1, 3))):
                garbled[rng.randrange(len(garbled))] = rng.randrange(256)
            answers.append(bytes(garbled))
            answers.append(honest[: rng.randrange(len(honest) + 1)])
            answers.append(rng.randbytes(rng.randrange(60)))
            answers.append(data[:20] + rng.randbytes(4 * rng.randrange(10)))
        rng.shuffle(answers)
        return answers

    return answer


@pytest.mark.parametrize("seed", range(20))
def test_over_udp(seed: int) -> None:
    rng = random.Random(seed)
    turn = ScriptedTurnServer()

    def honest(data: bytes, source: tuple[str, int]) -> list[bytes]:
        return stun_server(data, source) if data[:2] == b"\0\1" else turn(data, source)

    bench = GatheringBench.of("stun:198.51.100.1", IceServer("turn:198.51.100.1", "user", "secret"))
    bench.servers[SERVER] = garbling(honest, rng)
    bench.start(BASE, BASE6)
    bench.run(6)
    assert bench.finished == 1
    assert len(bench.reflexive) + len(bench.found_relays) + len(bench.errors) >= 2
    for found in bench.found_relays:
        for _ in range(20):
            bench.gatherer.send(Transmit(b"\x14data", PEER, found.relayed), bench.now)
            bench.deliver(rng.randbytes(rng.randrange(80)), SERVER)
            bench.run(0.1)
    bench.run(100)
    assert bench.finished == 1
    bench.gatherer.close(bench.now)
    assert bench.gatherer.next_deadline() is None


@pytest.mark.parametrize("seed", range(20))
def test_over_a_stream(seed: int) -> None:
    rng = random.Random(seed)
    bench = GatheringBench.of(IceServer("turn:198.51.100.1?transport=tcp", "user", "secret"))
    bench.listeners[SERVER] = garbling(ScriptedTurnServer(padded=True), rng)
    bench.start()
    bench.run(6)
    assert bench.finished == 1
    assert len(bench.found_relays) + len(bench.errors) == 1
    for stream in list(bench.streams):
        for _ in range(20):
            bench.gatherer.receive_stream(stream, rng.randbytes(rng.randrange(100)), bench.now)
            bench.run(0.1)
    bench.gatherer.close(bench.now)
    bench.drain()
    assert sorted(map(id, bench.unwanted_streams)) == sorted(map(id, bench.wanted_streams))
