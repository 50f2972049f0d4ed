"""What belongs to a socket goes with it."""

from tests.support.gathering_bench import BASE, GatheringBench, stun_server

SERVER = ("198.51.100.1", 3478)
OTHER = ("192.0.2.77", 40001)


def test_its_question_is_dropped_and_gathering_ends() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.start()
    bench.gatherer.remove_base(BASE, bench.now)
    bench.run(10)
    assert bench.finished == 1
    assert len(bench.sent) == 1
    assert not bench.gatherer.owns(SERVER, BASE)
    assert bench.gatherer.next_deadline() is None


def test_what_waits_to_be_sent_from_it_is_dropped() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.gatherer.start(bench.now)
    bench.gatherer.add_base(BASE, bench.now)
    bench.gatherer.add_base(OTHER, bench.now)
    bench.gatherer.remove_base(BASE, bench.now)
    assert [transmit.local for transmit in bench.gatherer.transmits()] == [OTHER]


def test_the_others_are_not_affected() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.servers[SERVER] = stun_server
    bench.start(BASE, OTHER)
    bench.gatherer.remove_base(BASE, bench.now)
    bench.run(1)
    assert [found.base for found in bench.reflexive] == [OTHER]
    assert bench.errors == []


def test_unknown_ones_are_ignored() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.start()
    bench.gatherer.remove_base(OTHER, bench.now)
    assert bench.gatherer.owns(SERVER, BASE)


def test_one_that_comes_back_is_asked_from_again() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.servers[SERVER] = stun_server
    bench.start()
    bench.run(1)
    bench.gatherer.remove_base(BASE, bench.now)
    bench.gatherer.add_base(BASE, bench.now)
    bench.run(1)
    assert [found.base for found in bench.reflexive] == [BASE, BASE]
