"""What a TURN server sends and nobody wants is counted, while the relay lives and after."""

from purertc.sansio.config import IceServer
from tests.support.gathering_bench import BASE, GatheringBench
from tests.support.scripted_turn_server import ScriptedTurnServer

SERVER = ("198.51.100.1", 3478)


def test_it_is_counted_once() -> None:
    bench = GatheringBench.of(IceServer("turn:198.51.100.1", "user", "secret"))
    server = bench.servers[SERVER] = ScriptedTurnServer()
    bench.start()
    bench.run(1)
    assert bench.gatherer.dropped == 0
    bench.deliver(b"\x40\x01\xff\xffshort", SERVER)
    bench.deliver(server.data_from(("203.0.113.99", 1), b"no permission"), SERVER)
    bench.deliver(b"", SERVER)
    assert bench.gatherer.dropped == 3
    bench.gatherer.remove_base(BASE, bench.now)
    assert bench.gatherer.dropped == 3
    bench.gatherer.close(bench.now)
    assert bench.gatherer.dropped == 3
