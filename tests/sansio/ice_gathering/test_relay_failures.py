"""Why a TURN server gave no relay is reported with its code."""

import pytest

from purertc.sansio.config import IceServer
from purertc.sansio.ice.gathering import GatheringFinished
from tests.support.gathering_bench import BASE, GatheringBench, stun_server
from tests.support.scripted_turn_server import ScriptedTurnServer

SERVER = ("198.51.100.1", 3478)
SECOND = ("198.51.100.2", 3478)
NAME = IceServer("turn:turn.example", "user", "secret")


def bench_for(
    server: ScriptedTurnServer, *, second: ScriptedTurnServer | None = None
) -> GatheringBench:
    bench = GatheringBench.of(NAME)
    bench.names["turn.example"] = [SERVER, SECOND] if second is not None else [SERVER]
    bench.servers[SERVER] = server
    if second is not None:
        bench.servers[SECOND] = second
    bench.delay = 0
    return bench


def test_a_wrong_password() -> None:
    bench = bench_for(ScriptedTurnServer(credential="other"))
    bench.start()
    bench.run(1)
    (error,) = bench.errors
    assert (error.url, error.error_code) == ("turn:turn.example", 401)
    assert (error.address, error.port) == BASE
    assert bench.found_relays == []
    assert bench.finished == 1


def test_a_wrong_password_is_not_tried_on_other_addresses() -> None:
    second = ScriptedTurnServer(credential="other")
    bench = bench_for(ScriptedTurnServer(credential="other"), second=second)
    bench.start()
    bench.run(10)
    assert second.requests == []


def test_a_quota() -> None:
    bench = bench_for(ScriptedTurnServer(refusal=(486, "Allocation Quota Reached")))
    bench.start()
    bench.run(1)
    (error,) = bench.errors
    assert (error.error_code, error.error_text) == (486, "Allocation Quota Reached")


@pytest.mark.parametrize("code", [486, 500, 508])
def test_another_address_may_have_room(code: int) -> None:
    second = ScriptedTurnServer(host="198.51.100.2")
    bench = bench_for(ScriptedTurnServer(refusal=(code, "full")), second=second)
    bench.start()
    bench.run(1)
    assert [found.server for found in bench.found_relays] == [SECOND]
    assert bench.errors == []


def test_a_silent_server_fails_in_time_and_alone() -> None:
    bench = GatheringBench.of(NAME, "stun:198.51.100.3", timeout=4)
    bench.names["turn.example"] = [SERVER]
    bench.servers["198.51.100.3", 3478] = stun_server
    bench.start()
    bench.run(10)
    (error,) = bench.errors
    assert error.error_code == 701
    assert error.error_text == "no answer in 3.99 s"
    assert bench.time_of(GatheringFinished) == 4
    assert len(bench.reflexive) == 1


def test_a_silent_address_gets_its_share_of_the_time() -> None:
    bench = bench_for(
        ScriptedTurnServer(silent=True), second=ScriptedTurnServer(host="198.51.100.2")
    )
    bench.start()
    bench.run(10)
    assert [found.server for found in bench.found_relays] == [SECOND]
    assert bench.sent_to(SECOND)[0] == 2.5


def test_another_base_is_tried_when_one_gets_no_answer() -> None:
    server = ScriptedTurnServer()
    cut_off = ("172.17.0.1", 40001)
    bench = bench_for(server)
    bench.servers[SERVER] = lambda data, source: [] if source == cut_off else server(data, source)
    bench.start(cut_off, BASE)
    bench.run(10)
    assert [found.base for found in bench.found_relays] == [BASE]
    assert bench.errors == []


def test_no_more_than_four_ways_are_tried() -> None:
    server = ScriptedTurnServer(refusal=(500, "Server Error"))
    bench = bench_for(server, second=server)
    bench.start(*((f"192.0.2.{n}", 40000) for n in range(1, 30)))
    bench.run(10)
    assert len({(each.destination, each.local) for _, each in bench.sent}) == 4
    assert bench.finished == 1


def test_two_urls_of_one_address_cannot_share_a_socket() -> None:
    bench = GatheringBench.of(NAME, IceServer("turn:198.51.100.1", "user", "secret"))
    bench.names["turn.example"] = [SERVER]
    server = bench.servers[SERVER] = ScriptedTurnServer()
    bench.start()
    bench.run(1)
    assert len(server.allocations) == 1
    assert len(bench.found_relays) == 1
    (error,) = bench.errors
    assert error.url == "turn:turn.example"
    assert error.error_text == "another URL has an allocation on this server"
    assert bench.finished == 1


@pytest.mark.parametrize("relayed", [("0.0.0.0", 50000), ("224.0.0.1", 50000), BASE])
def test_a_relayed_address_that_cannot_be(relayed: tuple[str, int]) -> None:
    bench = bench_for(ScriptedTurnServer(host=relayed[0], port=relayed[1] - 1))
    bench.start()
    bench.run(1)
    assert bench.found_relays == []
    assert [error.error_code for error in bench.errors] == [701]
