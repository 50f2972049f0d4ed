"""A STUN server shows how a socket is seen from outside."""

from purertc.sansio.ice.gathering import GatheringFinished, ReflexiveFound
from tests.support.gathering_bench import BASE, BASE6, START, GatheringBench, stun_server

SERVER = ("198.51.100.1", 3478)
SERVER6 = ("2001:db8::1", 3478)
MAPPED = ("203.0.113.5", 61000)
URL = "stun:198.51.100.1"


def test_the_mapped_address_is_reported_with_its_base_and_server() -> None:
    bench = GatheringBench.of(URL)
    bench.servers[SERVER] = stun_server
    bench.nat[BASE] = MAPPED
    bench.start()
    busy_before = bench.gatherer.busy
    bench.run(1)
    assert bench.reflexive == [ReflexiveFound(MAPPED, BASE, SERVER, URL)]
    assert bench.finished == 1
    assert bench.errors == []
    assert (busy_before, bench.gatherer.busy) == (True, False)
    assert bench.events[-1][0] == START + 2 * bench.delay


def test_every_base_is_asked_from() -> None:
    bench = GatheringBench.of(URL, "stun:[2001:db8::1]")
    bench.servers = {SERVER: stun_server, SERVER6: stun_server}
    other = ("192.0.2.77", 40001)
    bench.nat = {BASE: MAPPED, other: ("203.0.113.5", 61001)}
    bench.start(BASE, other, BASE6)
    bench.run(1)
    assert {(found.mapped, found.base) for found in bench.reflexive} == {
        (MAPPED, BASE),
        (("203.0.113.5", 61001), other),
        (BASE6, BASE6),
    }
    assert bench.finished == 1


def test_a_base_that_comes_later_is_asked_from() -> None:
    bench = GatheringBench.of(URL)
    bench.servers[SERVER] = stun_server
    bench.start(end=False)
    bench.run(1)
    assert bench.finished == 0
    later = ("192.0.2.77", 40001)
    bench.gatherer.add_base(later, bench.now)
    bench.gatherer.end_of_bases(bench.now)
    bench.run(1)
    assert [found.base for found in bench.reflexive] == [BASE, later]
    assert bench.finished == 1


def test_a_known_base_is_not_asked_from_again() -> None:
    bench = GatheringBench.of(URL)
    bench.servers[SERVER] = stun_server
    bench.start(BASE, BASE)
    bench.run(1)
    assert len(bench.sent_to(SERVER)) == 1


def test_without_servers_gathering_ends_with_the_bases() -> None:
    bench = GatheringBench.of()
    bench.start(end=False)
    assert bench.finished == 0
    bench.gatherer.end_of_bases(bench.now)
    bench.drain()
    assert [event for _, event in bench.events] == [GatheringFinished()]
    assert bench.gatherer.next_deadline() is None


def test_stun_servers_are_left_alone_when_only_relays_are_wanted() -> None:
    bench = GatheringBench.of(URL, reflexive=False)
    bench.servers[SERVER] = stun_server
    bench.start()
    bench.run(1)
    assert bench.sent == []
    assert bench.finished == 1
