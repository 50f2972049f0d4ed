"""Names of servers are looked up once each, at the same time, and failures cost only themselves."""

from purertc.sansio.events import LookupWanted
from purertc.sansio.ice.gathering import GatheringFinished, ReflexiveFound
from tests.support.gathering_bench import BASE, BASE6, GatheringBench, stun_server

SERVER = ("198.51.100.1", 3478)


def test_what_the_lookup_finds_is_asked() -> None:
    bench = GatheringBench.of("stun:stun.example.org")
    bench.names["stun.example.org"] = [SERVER]
    bench.servers[SERVER] = stun_server
    bench.start()
    assert bench.lookups == [LookupWanted("stun.example.org", 3478)]
    bench.run(1)
    assert [found.server for found in bench.reflexive] == [SERVER]


def test_a_name_in_two_urls_is_looked_up_once() -> None:
    bench = GatheringBench.of(
        "stun:a.example", "stun:a.example:3478?transport=udp", "stun:b.example"
    )
    bench.start()
    assert {each.host for each in bench.lookups} == {"a.example", "b.example"}
    assert len(bench.lookups) == 2


def test_a_name_that_does_not_exist() -> None:
    bench = GatheringBench.of("stun:nowhere.example", "stun:198.51.100.1")
    bench.names["nowhere.example"] = "Name or service not known"
    bench.servers[SERVER] = stun_server
    bench.start()
    bench.run(1)
    (error,) = bench.errors
    assert (error.url, error.error_code) == ("stun:nowhere.example", 701)
    assert error.error_text == "name not found: nowhere.example: Name or service not known"
    assert (error.address, error.port) == (None, None)
    assert len(bench.reflexive) == 1
    assert bench.finished == 1


def test_a_name_without_addresses() -> None:
    bench = GatheringBench.of("stun:nowhere.example")
    bench.names["nowhere.example"] = []
    bench.start()
    bench.run(1)
    assert bench.errors[0].error_text == "name not found: nowhere.example: it has no address"


def test_a_resolver_that_does_not_answer() -> None:
    bench = GatheringBench.of("stun:slow.example", "stun:198.51.100.1", timeout=3)
    bench.servers[SERVER] = stun_server
    bench.start()
    bench.run(10)
    assert bench.time_of(ReflexiveFound) == 2 * bench.delay
    assert bench.errors[0].error_text == "name not found: slow.example: no answer in 3 s"
    assert bench.time_of(GatheringFinished) == 3


def test_an_answer_that_comes_too_late_is_ignored() -> None:
    bench = GatheringBench.of("stun:slow.example", timeout=3)
    bench.servers[SERVER] = stun_server
    bench.start()
    bench.run(4)
    bench.gatherer.lookup_done("slow.example", 3478, [SERVER], bench.now)
    bench.run(4)
    assert bench.sent == []
    assert bench.finished == 1


def test_answers_nobody_asked_for_are_ignored() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.start()
    bench.gatherer.lookup_done("other.example", 3478, [SERVER], bench.now)
    bench.gatherer.lookup_failed("198.51.100.1", 3478, "not a name", bench.now)
    bench.drain()
    assert bench.errors == []


def test_each_family_of_bases_gets_the_addresses_of_its_own() -> None:
    bench = GatheringBench.of("stun:dual.example")
    server6 = ("2001:db8::1", 3478)
    bench.names["dual.example"] = [server6, SERVER]
    bench.servers = {SERVER: stun_server, server6: stun_server}
    bench.start(BASE, BASE6)
    bench.run(1)
    assert {(found.base, found.server) for found in bench.reflexive} == {
        (BASE, SERVER),
        (BASE6, server6),
    }


def test_a_family_without_base_is_no_failure_while_the_other_works() -> None:
    bench = GatheringBench.of("stun:dual.example")
    bench.names["dual.example"] = [("2001:db8::1", 3478), SERVER]
    bench.servers[SERVER] = stun_server
    bench.start(BASE)
    bench.run(1)
    assert bench.errors == []
    assert bench.finished == 1


def test_a_server_that_no_base_can_reach() -> None:
    bench = GatheringBench.of("stun:six.example")
    bench.names["six.example"] = [("2001:db8::1", 3478)]
    bench.start(BASE)
    bench.run(1)
    assert bench.errors[0].error_text == "no local address can reach the server"
    assert bench.sent == []
