"""A name with several addresses: the next is tried when one fails, within the server's time."""

from purertc.sansio.ice.gathering import GatheringFinished
from tests.support.gathering_bench import GatheringBench, refusing_server, stun_server

FIRST = ("198.51.100.1", 3478)
SECOND = ("198.51.100.2", 3478)
NAME = "stun.example"


def bench_with(addresses: list[tuple[str, int]]) -> GatheringBench:
    bench = GatheringBench.of(f"stun:{NAME}")
    bench.names[NAME] = addresses
    bench.delay = 0
    return bench


def test_only_the_first_is_asked_when_it_answers() -> None:
    bench = bench_with([FIRST, SECOND])
    bench.servers = {FIRST: stun_server, SECOND: stun_server}
    bench.start()
    bench.run(10)
    assert [found.server for found in bench.reflexive] == [FIRST]
    assert bench.sent_to(SECOND) == []


def test_a_silent_address_gets_its_share_of_the_time() -> None:
    bench = bench_with([FIRST, SECOND])
    bench.servers[SECOND] = stun_server
    bench.start()
    bench.run(10)
    assert [found.server for found in bench.reflexive] == [SECOND]
    assert bench.sent_to(SECOND)[0] == 2.5
    assert bench.errors == []


def test_after_a_refusal_the_next_is_asked_at_once() -> None:
    bench = bench_with([FIRST, SECOND])
    bench.servers = {FIRST: refusing_server(500, "Server Error"), SECOND: stun_server}
    bench.start()
    bench.run(10)
    assert bench.sent_to(SECOND) == [0]
    assert bench.errors == []


def test_all_together_get_the_time_of_one_server() -> None:
    bench = bench_with([FIRST, SECOND])
    bench.start()
    bench.run(10)
    assert bench.time_of(GatheringFinished) == 5
    assert len(bench.errors) == 1


def test_no_more_than_three_addresses_are_tried() -> None:
    bench = bench_with([(f"198.51.100.{n}", 3478) for n in range(1, 101)])
    bench.start()
    bench.run(10)
    assert len({transmit.destination for _, transmit in bench.sent}) == 3


def test_what_no_server_can_have_is_left_out() -> None:
    odd = ["0.0.0.0", "224.0.0.1", "not numeric", "::ffff:198.51.100.1"]
    bench = bench_with([*((host, 3478) for host in odd), ("198.51.100.9", 0), SECOND, SECOND])
    bench.servers[SECOND] = stun_server
    bench.start()
    bench.run(10)
    assert {transmit.destination for _, transmit in bench.sent} == {SECOND}
    assert len(bench.sent) == 1
