"""All servers are asked at once, and none waits for another."""

from purertc.sansio.ice.gathering import GatheringFinished, ReflexiveFound
from tests.support.gathering_bench import BASE, GatheringBench, stun_server

GOOD = ("198.51.100.1", 3478)
SILENT = ("198.51.100.2", 3478)
OTHER = ("198.51.100.3", 3478)
MAPPED = ("203.0.113.5", 61000)


def test_a_silent_server_delays_no_candidate() -> None:
    bench = GatheringBench.of("stun:198.51.100.2", "stun:198.51.100.1", timeout=5)
    bench.servers[GOOD] = stun_server
    bench.start()
    bench.run(10)
    assert bench.time_of(ReflexiveFound) == 2 * bench.delay
    assert bench.time_of(GatheringFinished) == 5


def test_the_silent_one_costs_one_error() -> None:
    bench = GatheringBench.of("stun:198.51.100.2", "stun:198.51.100.1")
    bench.servers[GOOD] = stun_server
    bench.start()
    bench.run(10)
    (error,) = bench.errors
    assert (error.url, error.error_code) == ("stun:198.51.100.2", 701)
    assert error.error_text == "no answer in 5 s"
    assert (error.address, error.port) == BASE


def test_many_silent_servers_take_as_long_as_one() -> None:
    bench = GatheringBench.of(*(f"stun:198.51.100.{n}" for n in range(10, 20)), timeout=2)
    bench.start()
    bench.run(10)
    assert len(bench.errors) == 10
    assert bench.time_of(GatheringFinished) == 2


def test_one_address_seen_by_two_servers_is_reported_once() -> None:
    bench = GatheringBench.of("stun:198.51.100.1", "stun:198.51.100.3")
    bench.servers = {GOOD: stun_server, OTHER: stun_server}
    bench.nat[BASE] = MAPPED
    bench.start()
    bench.run(1)
    assert len(bench.reflexive) == 1
    assert bench.errors == []


def test_a_symmetric_nat_shows_an_address_to_each_server() -> None:
    bench = GatheringBench.of("stun:198.51.100.1", "stun:198.51.100.3")
    bench.servers[GOOD] = stun_server
    bench.servers[OTHER] = lambda data, _: stun_server(data, ("203.0.113.5", 61111))
    bench.nat[BASE] = MAPPED
    bench.start()
    bench.run(1)
    assert {found.mapped for found in bench.reflexive} == {MAPPED, ("203.0.113.5", 61111)}


def test_the_same_url_twice_is_asked_once() -> None:
    bench = GatheringBench.of("stun:198.51.100.1", "STUN:198.51.100.1:3478")
    bench.servers[GOOD] = stun_server
    bench.start()
    bench.run(1)
    assert len(bench.sent_to(GOOD)) == 1


def test_a_server_that_answers_one_base_has_not_failed() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    cut_off = ("172.17.0.1", 40001)
    bench.servers[GOOD] = lambda data, source: (
        [] if source == cut_off else stun_server(data, source)
    )
    bench.start(cut_off, BASE)
    bench.run(10)
    assert [found.base for found in bench.reflexive] == [BASE]
    assert bench.errors == []
    assert bench.finished == 1
