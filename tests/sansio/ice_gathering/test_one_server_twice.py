"""Two URLs that lead to one TURN server: a socket and a server have one allocation together."""

from purertc.sansio.config import IceServer
from purertc.sansio.ice.gathering import GatheringFinished
from tests.support.gathering_bench import BASE, GatheringBench
from tests.support.scripted_turn_server import ScriptedTurnServer

SERVER = ("198.51.100.1", 3478)
OTHER = ("192.0.2.77", 40001)


def gathered(
    server: ScriptedTurnServer, first: IceServer, second: IceServer, *bases: tuple[str, int]
) -> GatheringBench:
    bench = GatheringBench.of(first, second)
    bench.names["turn.example"] = [SERVER]
    bench.servers[SERVER] = server
    bench.start(*bases)
    bench.run(10)
    assert bench.finished == 1
    return bench


def turn(url: str, credential: str = "secret") -> IceServer:
    return IceServer(url, "user", credential)


def test_the_second_is_reported_as_not_needed() -> None:
    server = ScriptedTurnServer()
    bench = gathered(server, turn("turn:turn.example"), turn("turn:198.51.100.1"))
    assert len(server.allocations) == 1
    assert [found.url for found in bench.found_relays] == ["turn:198.51.100.1"]
    (error,) = bench.errors
    assert error.url == "turn:turn.example"
    assert error.error_text == "another URL has an allocation on this server"
    assert bench.time_of(GatheringFinished) < 0.1


def test_the_second_has_its_turn_when_the_first_is_refused() -> None:
    wrong, right = turn("turn:198.51.100.1", "wrong"), turn("turn:198.51.100.1")
    bench = gathered(ScriptedTurnServer(), wrong, right)
    assert len(bench.found_relays) == 1
    assert [error.error_code for error in bench.errors] == [401]
    assert bench.time_of(GatheringFinished) < 0.2


def test_neither_waits_for_a_silent_server_longer_than_its_time() -> None:
    wrong, right = turn("turn:198.51.100.1", "wrong"), turn("turn:198.51.100.1")
    bench = gathered(ScriptedTurnServer(silent=True), wrong, right)
    assert len(bench.errors) == 2
    assert bench.time_of(GatheringFinished) == 5


def test_each_may_have_a_socket_of_its_own() -> None:
    server = ScriptedTurnServer()
    bench = gathered(server, turn("turn:turn.example"), turn("turn:198.51.100.1"), BASE, OTHER)
    assert {found.base for found in bench.found_relays} == {BASE, OTHER}
    assert bench.errors == []
