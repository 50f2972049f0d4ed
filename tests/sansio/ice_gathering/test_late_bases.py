"""A base that comes when all is over: servers are asked again, and failures reported again."""

from tests.support.gathering_bench import BASE, GatheringBench, refusing_server, stun_server

SERVER = ("198.51.100.1", 3478)
OTHER = ("192.0.2.77", 40001)


def test_it_gets_the_full_time_of_a_server() -> None:
    bench = GatheringBench.of("stun:198.51.100.1", timeout=3)
    bench.start()
    bench.run(100)
    bench.gatherer.add_base(OTHER, bench.now)
    bench.run(2)
    assert (bench.finished, bench.gatherer.busy) == (1, True)
    bench.run(2)
    assert (bench.finished, len(bench.errors)) == (2, 2)
    assert (bench.errors[1].address, bench.errors[1].port) == OTHER


def test_it_may_have_more_success() -> None:
    bench = GatheringBench.of("stun:198.51.100.1", timeout=3)
    bench.start()
    bench.run(100)
    bench.servers[SERVER] = stun_server
    bench.gatherer.add_base(OTHER, bench.now)
    bench.run(5)
    assert [found.base for found in bench.reflexive] == [OTHER]
    assert len(bench.errors) == 1
    assert bench.finished == 2


def test_before_the_end_of_bases_it_does_not_hide_what_the_server_said() -> None:
    bench = GatheringBench.of("stun:198.51.100.1", timeout=3)
    bench.servers[SERVER] = refusing_server(420, "Unknown Attribute")
    bench.start(BASE, end=False)
    bench.run(1)
    bench.servers.clear()
    bench.gatherer.add_base(OTHER, bench.now)
    bench.gatherer.end_of_bases(bench.now)
    bench.run(10)
    assert [error.error_code for error in bench.errors] == [420]
