"""A TURN server may send its client elsewhere: "300 Try Alternate" (RFC 8489 section 10)."""

import pytest

from purertc.sansio.config import IceServer
from tests.support.gathering_bench import GatheringBench
from tests.support.scripted_turn_server import ScriptedTurnServer

SERVER = ("198.51.100.1", 3478)
SECOND = ("198.51.100.2", 3479)
THIRD = ("198.51.100.3", 3479)
FOURTH = ("198.51.100.4", 3479)
TURN = IceServer("turn:198.51.100.1", "user", "secret")


def bench_with(**servers: ScriptedTurnServer) -> GatheringBench:
    bench = GatheringBench.of(TURN)
    addresses = {"first": SERVER, "second": SECOND, "third": THIRD, "fourth": FOURTH}
    bench.servers = {addresses[name]: server for name, server in servers.items()}
    bench.start()
    bench.run(10)
    return bench


def test_it_is_followed() -> None:
    bench = bench_with(
        first=ScriptedTurnServer(alternate=SECOND), second=ScriptedTurnServer(host="198.51.100.2")
    )
    (found,) = bench.found_relays
    assert (found.server, found.url) == (SECOND, "turn:198.51.100.1")
    assert bench.errors == []


def test_twice_at_most() -> None:
    fourth = ScriptedTurnServer(host="198.51.100.4")
    bench = bench_with(
        first=ScriptedTurnServer(alternate=SECOND),
        second=ScriptedTurnServer(alternate=THIRD),
        third=ScriptedTurnServer(alternate=FOURTH),
        fourth=fourth,
    )
    assert fourth.requests == []
    assert [error.error_code for error in bench.errors] == [300]


def test_not_in_circles() -> None:
    first = ScriptedTurnServer(alternate=SECOND)
    bench = bench_with(first=first, second=ScriptedTurnServer(alternate=SERVER))
    assert first.allocate_count == 2
    assert [error.error_code for error in bench.errors] == [300]


@pytest.mark.parametrize(
    "alternate",
    [("127.0.0.1", 22), ("169.254.169.254", 80), ("0.0.0.0", 1), ("224.0.0.1", 1),
     ("2001:db8::1", 3478), ("198.51.100.2", 0)],
)  # fmt: skip
def test_not_to_where_a_server_must_not_send_us(alternate: tuple[str, int]) -> None:
    bench = bench_with(first=ScriptedTurnServer(alternate=alternate))
    assert {transmit.destination for _, transmit in bench.sent} == {SERVER}
    assert len(bench.errors) == 1
