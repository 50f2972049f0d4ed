"""Relays outlive an ICE restart, are asked for again when their base is gone, and given back."""

from purertc.sansio.config import IceServer
from purertc.wire.stun import REFRESH
from tests.support.gathering_bench import BASE, START, GatheringBench, settings_of
from tests.support.scripted_turn_server import ScriptedTurnServer

SERVER = ("198.51.100.1", 3478)
OTHER = ("192.0.2.77", 40001)
RELAYED = ("198.51.100.1", 50001)
URL = "turn:198.51.100.1"
TURN = IceServer(URL, "user", "secret")


def allocated(*bases: tuple[str, int]) -> tuple[GatheringBench, ScriptedTurnServer]:
    bench, server = GatheringBench.of(TURN), ScriptedTurnServer()
    bench.servers[SERVER] = server
    bench.start(*bases)
    bench.run(1)
    return bench, server


def test_a_restart_reports_a_living_relay_anew_once_the_server_confirms_it() -> None:
    bench, server = allocated()
    bench.gatherer.start(bench.now)
    bench.gatherer.end_of_bases(bench.now)
    bench.drain()
    assert bench.gatherer.busy
    assert len(bench.found_relays) == 1
    bench.run(1)
    first, second = bench.found_relays
    assert first == second
    assert [found.mapped for found in bench.reflexive] == [BASE, BASE]
    assert server.allocate_count == 2  # one without credentials, one with
    assert bench.finished == 2
    assert bench.errors == []


def test_a_restart_replaces_a_relay_that_the_server_has_forgotten() -> None:
    bench, server = allocated()
    server.allocations.clear()
    bench.start()
    bench.run(1)
    (lost,) = bench.lost_relays
    assert (lost.relayed, "437" in lost.reason) == (RELAYED, True)
    assert [found.relayed for found in bench.found_relays] == [RELAYED, ("198.51.100.1", 50002)]
    assert bench.finished == 2
    assert bench.errors == []


def test_a_restart_loses_a_relay_whose_server_has_fallen_silent() -> None:
    bench, server = allocated()
    server.silent = True
    bench.start()
    bench.run(20)
    (lost,) = bench.lost_relays
    assert lost.relayed == RELAYED
    assert len(bench.found_relays) == 1
    assert [error.url for error in bench.errors] == [URL]
    assert bench.finished == 2


def test_a_restart_tries_again_what_failed() -> None:
    bench, server = GatheringBench.of(TURN), ScriptedTurnServer(refusal=(486, "full"))
    bench.servers[SERVER] = server
    bench.start()
    bench.run(1)
    server.refusal = None
    bench.start()
    bench.run(1)
    assert len(bench.errors) == 1
    assert [found.relayed for found in bench.found_relays] == [RELAYED]


def test_a_relay_is_lost_with_its_base_and_asked_for_from_another() -> None:
    bench, _ = allocated(BASE, OTHER)
    bench.sent.clear()
    bench.gatherer.remove_base(BASE, bench.now)
    bench.run(1)
    (lost,) = bench.lost_relays
    assert (lost.relayed, lost.reason) == (RELAYED, "the local address 192.0.2.10 is gone")
    assert [found.base for found in bench.found_relays] == [BASE, OTHER]
    assert not bench.gatherer.is_relayed(RELAYED)
    assert {transmit.local for _, transmit in bench.sent} == {OTHER}
    assert bench.errors == []
    assert bench.finished == 2


def test_without_another_base_it_is_only_lost() -> None:
    bench, _ = allocated()
    bench.gatherer.remove_base(BASE, bench.now)
    bench.run(20)
    assert len(bench.lost_relays) == 1
    assert len(bench.found_relays) == 1
    assert bench.errors == []
    assert bench.gatherer.next_deadline() is None


def test_a_base_that_comes_later_gets_a_relay_again() -> None:
    bench, _ = allocated()
    bench.gatherer.remove_base(BASE, bench.now)
    bench.run(20)
    bench.gatherer.add_base(OTHER, bench.now)
    bench.run(1)
    assert [found.base for found in bench.found_relays] == [BASE, OTHER]


def test_a_base_that_goes_while_the_server_is_asked() -> None:
    bench, server = GatheringBench.of(TURN), ScriptedTurnServer()
    bench.servers[SERVER] = server
    bench.start(BASE, OTHER)
    bench.gatherer.remove_base(BASE, bench.now)
    bench.run(1)
    assert [found.base for found in bench.found_relays] == [OTHER]
    assert bench.lost_relays == []


def test_the_allocation_is_refreshed() -> None:
    bench, server = allocated()
    bench.run(1800)
    refreshes = [method for method, _ in server.requests if method == REFRESH]
    assert len(refreshes) >= 3
    assert bench.lost_relays == []


def test_a_server_that_dies_loses_its_relay() -> None:
    bench, server = allocated()
    server.silent = True
    bench.run(900)
    assert [lost.relayed for lost in bench.lost_relays] == [RELAYED]
    assert not bench.gatherer.is_relayed(RELAYED)


def test_close_gives_it_back() -> None:
    bench, server = allocated()
    assert len(server.allocations) == 1
    bench.gatherer.close(bench.now)
    bench.run(1)
    assert server.allocations == {}
    assert bench.lost_relays == []
    assert bench.gatherer.next_deadline() is None


def test_close_gives_it_back_over_a_stream_and_closes_that() -> None:
    bench = GatheringBench.of(IceServer(URL + "?transport=tcp", "user", "secret"))
    server = bench.listeners[SERVER] = ScriptedTurnServer(padded=True)
    bench.start()
    bench.run(1)
    bench.gatherer.close(bench.now)
    bench.drain()
    assert server.allocations == {}
    assert bench.unwanted_streams == bench.wanted_streams


def test_a_server_that_is_no_longer_configured_keeps_its_allocation() -> None:
    bench, server = allocated()
    bench.gatherer.configure(settings_of())
    bench.start()
    bench.run(1000)
    assert len(bench.found_relays) == 1
    assert bench.gatherer.is_relayed(RELAYED)
    assert len(server.allocations) == 1
    bench.gatherer.close(bench.now)
    bench.run(1)
    assert server.allocations == {}


def test_a_server_that_is_configured_again_reports_it_anew() -> None:
    bench, server = allocated()
    bench.gatherer.configure(settings_of())
    bench.start()
    bench.gatherer.configure(settings_of(TURN))
    bench.start()
    bench.run(1)
    assert [found.relayed for found in bench.found_relays] == [RELAYED, RELAYED]
    assert len(server.allocations) == 1
    assert bench.now > START


def test_a_lookup_that_hangs_delays_no_refresh() -> None:
    bench = GatheringBench.of(IceServer("turn:turn.example", "user", "secret"), timeout=5000)
    server = bench.servers[SERVER] = ScriptedTurnServer()
    bench.names["turn.example"] = [SERVER]
    bench.start()
    bench.run(1)
    bench.names.clear()
    bench.start()
    bench.run(1800)
    assert sum(method == REFRESH for method, _ in server.requests) >= 3
    assert bench.lost_relays == []
