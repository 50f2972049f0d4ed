"""Bases, names, streams and time may come in any order: nothing raises, and an end is reached."""

from hypothesis import given, settings
from hypothesis import strategies as st

from purertc.sansio.config import IceServer
from tests.support.gathering_bench import GatheringBench, stun_server
from tests.support.scripted_turn_server import ScriptedTurnServer

SERVER = ("198.51.100.1", 3478)
SERVER6 = ("2001:db8::1", 3478)
BASES = (("192.0.2.1", 1), ("192.0.2.2", 2), ("2001:db8::10", 3), ("127.0.0.1", 4))

step = st.one_of(
    st.tuples(st.sampled_from(["add", "remove"]), st.sampled_from(BASES)),
    st.tuples(st.sampled_from(["start", "end", "found", "missing", "break"]), st.none()),
    st.tuples(st.just("run"), st.sampled_from([0.0, 0.1, 1.0, 7.0])),
)


def bench_with_all() -> GatheringBench:
    turn = ScriptedTurnServer()

    def server(data: bytes, source: tuple[str, int]) -> list[bytes]:
        return stun_server(data, source) if data[1] == 1 else turn(data, source)

    bench = GatheringBench.of(
        "stun:198.51.100.1",
        "stun:name.example",
        IceServer("turn:name.example", "user", "secret"),
        IceServer("turn:198.51.100.1?transport=tcp", "user", "secret"),
        IceServer("turns:name.example", "user", "secret"),
    )
    bench.servers = {SERVER: server, SERVER6: server}
    bench.listeners[SERVER] = ScriptedTurnServer(port=60000)
    return bench


def take(bench: GatheringBench, action: str, argument: object) -> None:
    gatherer, now = bench.gatherer, bench.now
    if action == "start":
        gatherer.start(now)
    elif action == "end":
        gatherer.end_of_bases(now)
    elif action == "found":
        gatherer.lookup_done("name.example", 3478, [SERVER6, SERVER], now)
    elif action == "missing":
        gatherer.lookup_failed("name.example", 5349, "no such name", now)
    elif action == "break":
        for stream in list(bench.streams):
            del bench.streams[stream]
            gatherer.stream_closed(stream, "broken", now)
    elif action == "run":
        assert isinstance(argument, float)
        bench.run(argument)
    elif isinstance(argument, tuple):
        (gatherer.add_base if action == "add" else gatherer.remove_base)(argument, now)
    bench.drain()


@settings(max_examples=150, deadline=None)
@given(st.lists(step, max_size=25))
def test_it_ends(steps: list[tuple[str, object]]) -> None:
    bench = bench_with_all()
    for action, argument in [*steps, ("start", None), ("end", None)]:
        take(bench, action, argument)
    bench.run(7)
    assert not bench.gatherer.busy
    found = {each.relayed for each in bench.found_relays}
    lost = [each.relayed for each in bench.lost_relays]
    assert len(lost) == len(set(lost))
    assert set(lost) <= found
    for relayed in found:
        assert bench.gatherer.is_relayed(relayed) == (relayed not in lost)
    bench.gatherer.close(bench.now)
    bench.drain()
    assert not any(bench.gatherer.is_relayed(relayed) for relayed in found)
    assert not bench.streams
