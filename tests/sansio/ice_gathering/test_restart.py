"""An ICE restart gathers again: STUN is asked anew, and everything is reported anew."""

from tests.support.gathering_bench import BASE, GatheringBench, settings_of, stun_server

SERVER = ("198.51.100.1", 3478)
FIRST = ("203.0.113.5", 61000)
SECOND = ("203.0.113.6", 62000)


def test_the_mapped_address_is_reported_again() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.servers[SERVER] = stun_server
    bench.nat[BASE] = FIRST
    bench.start()
    bench.run(1)
    bench.start()
    bench.run(1)
    assert [found.mapped for found in bench.reflexive] == [FIRST, FIRST]
    assert bench.finished == 2


def test_a_new_mapping_is_found() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.servers[SERVER] = stun_server
    bench.nat[BASE] = FIRST
    bench.start()
    bench.run(1)
    bench.nat[BASE] = SECOND
    bench.start()
    bench.run(1)
    assert [found.mapped for found in bench.reflexive] == [FIRST, SECOND]


def test_a_restart_while_it_asks_begins_with_new_time() -> None:
    bench = GatheringBench.of("stun:198.51.100.1", timeout=5)
    bench.start()
    bench.run(4)
    bench.start()
    bench.run(4)
    assert (bench.finished, bench.errors) == (0, [])
    bench.run(2)
    assert (bench.finished, len(bench.errors)) == (1, 1)


def test_a_failure_is_reported_again() -> None:
    bench = GatheringBench.of("stun:gone.example")
    bench.names["gone.example"] = "Name or service not known"
    bench.start()
    bench.run(1)
    bench.start()
    bench.run(1)
    assert len(bench.lookups) == 2
    assert len(bench.errors) == 2


def test_names_are_looked_up_anew() -> None:
    bench = GatheringBench.of("stun:moved.example")
    moved = ("198.51.100.9", 3478)
    bench.servers = {SERVER: stun_server, moved: stun_server}
    bench.names["moved.example"] = [SERVER]
    bench.start()
    bench.run(1)
    bench.names["moved.example"] = [moved]
    bench.start()
    bench.run(1)
    assert [found.server for found in bench.reflexive] == [SERVER, moved]
    assert not bench.gatherer.owns(SERVER, BASE)


def test_other_servers_count_from_the_restart_on() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.servers = {SERVER: stun_server, ("198.51.100.2", 3478): stun_server}
    bench.start()
    bench.run(1)
    bench.gatherer.configure(settings_of("stun:198.51.100.2"))
    bench.start()
    bench.run(1)
    assert [found.url for found in bench.reflexive] == ["stun:198.51.100.1", "stun:198.51.100.2"]
