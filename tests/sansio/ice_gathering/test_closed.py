"""A closed gatherer says and does nothing more, and leaves no cycles behind."""

import gc
import weakref

import pytest

from purertc.sansio.config import IceServer
from purertc.sansio.ice.gathering import Gatherer
from purertc.sansio.types import Datagram
from tests.support.gathering_bench import BASE, START, GatheringBench, settings_of, stun_server
from tests.support.scripted_turn_server import ScriptedTurnServer

SERVER = ("198.51.100.1", 3478)


def test_nothing_happens_any_more() -> None:
    bench = GatheringBench.of("stun:198.51.100.1", "stun:name.example")
    bench.servers[SERVER] = stun_server
    bench.start()
    gatherer = bench.gatherer
    gatherer.close(bench.now)
    gatherer.start(bench.now)
    gatherer.add_base(("192.0.2.77", 1), bench.now)
    gatherer.remove_base(BASE, bench.now)
    gatherer.end_of_bases(bench.now)
    gatherer.lookup_done("name.example", 3478, [SERVER], bench.now)
    assert gatherer.receive(Datagram(b"\1\1", SERVER, BASE), bench.now) == []
    gatherer.handle_timeout(bench.now + 100)
    assert gatherer.next_deadline() is None
    assert gatherer.next_event() is None
    assert gatherer.transmits() == []
    assert not gatherer.busy
    gatherer.close(bench.now)


class Randomness:
    """Something that lives as long as the gatherer that uses it."""

    count = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(size, "big")


@pytest.mark.parametrize("seconds", [0.0, 0.01, 1.0])
def test_it_is_freed_without_the_collector(seconds: float) -> None:
    gc.disable()
    try:
        randomness = Randomness()
        settings = settings_of(
            "stun:198.51.100.1",
            IceServer("turn:198.51.100.1", "user", "secret"),
            IceServer("turn:198.51.100.1?transport=tcp", "user", "secret"),
        )
        bench = GatheringBench(Gatherer(settings, randomness))
        bench.servers[SERVER] = ScriptedTurnServer()
        bench.start()
        bench.run(seconds)
        bench.gatherer.close(START)
        bench.forget_what_is_in_flight()
        watched = weakref.ref(randomness)
        del randomness, bench
        assert watched() is None
    finally:
        gc.enable()
