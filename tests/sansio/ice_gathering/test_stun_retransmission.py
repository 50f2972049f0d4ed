"""A Binding request is sent again with growing waits, until the server's time is over."""

import pytest

from purertc.sansio.ice.stun_query import StunQuery
from tests.support.gathering_bench import GatheringBench, Server, entropy, stun_server

SERVER = ("198.51.100.1", 3478)


def test_the_schedule() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.start()
    bench.run(10)
    assert bench.sent_to(SERVER) == [0, 0.25, 0.75, 1.75, 3.75]
    assert len({transmit.payload for _, transmit in bench.sent}) == 1


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_lost_requests_are_made_up_for(lost: int) -> None:
    count = 0

    def lossy(data: bytes, source: tuple[str, int]) -> list[bytes]:
        nonlocal count
        count += 1
        return [] if count <= lost else stun_server(data, source)

    server: Server = lossy
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.servers[SERVER] = server
    bench.start()
    bench.run(10)
    assert len(bench.reflexive) == 1
    assert len(bench.sent_to(SERVER)) == lost + 1


def test_a_late_caller_sends_once_not_several_times() -> None:
    query = StunQuery(0.0, 5.0, entropy())
    assert query.is_due(0.0)
    assert not query.is_due(0.1)
    assert query.is_due(2.0)
    assert not query.is_due(2.1)
    assert query.next_deadline() == 2.5
    assert not query.is_due(5.0)
    assert query.expired(5.0)
