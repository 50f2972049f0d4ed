"""NAT bindings of reflexive candidates are kept alive with an indication every 15 seconds."""

from purertc.wire.stun import MessageClass, StunMessage
from tests.support.gathering_bench import BASE, GatheringBench, stun_server

SERVER = ("198.51.100.1", 3478)
OTHER = ("198.51.100.2", 3478)


def gathered() -> GatheringBench:
    bench = GatheringBench.of("stun:198.51.100.1", "stun:198.51.100.2")
    bench.servers = {SERVER: stun_server, OTHER: stun_server}
    bench.nat[BASE] = ("203.0.113.5", 61000)
    bench.delay = 0
    bench.start()
    bench.run(1)
    bench.sent.clear()
    return bench


def test_one_server_gets_an_indication_every_15_seconds() -> None:
    bench = gathered()
    bench.run(59)
    assert bench.sent_to(SERVER) + bench.sent_to(OTHER) == [15, 30, 45, 60]
    kinds = {StunMessage.parse(each.payload).message_class for _, each in bench.sent}
    assert kinds == {MessageClass.INDICATION}
    assert len({each.payload for _, each in bench.sent}) == 4


def test_the_owner_can_stop_it_and_begin_again() -> None:
    bench = gathered()
    bench.gatherer.keep_alive(False)
    bench.run(30)
    assert bench.sent == []
    bench.gatherer.keep_alive(True)
    bench.run(1)
    assert len(bench.sent) == 1
    bench.run(15)
    assert len(bench.sent) == 2


def test_none_goes_out_from_a_base_that_is_gone() -> None:
    bench = gathered()
    bench.gatherer.remove_base(BASE, bench.now)
    bench.run(60)
    assert bench.sent == []
    assert bench.gatherer.next_deadline() is None


def test_without_a_nat_there_is_nothing_to_keep_alive() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.servers[SERVER] = stun_server
    bench.start()
    bench.run(60)
    assert len(bench.reflexive) == 1
    assert bench.sent_to(SERVER) == [0]
