"""Which IP version a relayed address has, by the ways to the server."""

import pytest

from purertc.sansio.config import IceServer
from purertc.sansio.ice.gathering import RelayedFound
from tests.support.gathering_bench import BASE, BASE6, GatheringBench
from tests.support.scripted_turn_server import ScriptedTurnServer

SERVER = ("198.51.100.1", 3478)
SERVER6 = ("2001:db8::1", 3478)
NAME = IceServer("turn:dual.example", "user", "secret")


def gathered(
    *bases: tuple[str, int], addresses: list[tuple[str, int]], server: ScriptedTurnServer
) -> GatheringBench:
    bench = GatheringBench.of(NAME)
    bench.names["dual.example"] = addresses
    bench.servers = {SERVER: server, SERVER6: server}
    bench.start(*bases)
    bench.run(1)
    assert bench.finished == 1
    return bench


def ways(bench: GatheringBench) -> set[tuple[tuple[str, int] | None, str]]:
    """Return from which base each relayed host was asked for."""
    return {(found.base, found.relayed[0]) for found in bench.found_relays}


@pytest.mark.parametrize("bases", [(BASE, BASE6), (BASE6, BASE)])
def test_each_family_has_its_own(bases: tuple[tuple[str, int], ...]) -> None:
    bench = gathered(*bases, addresses=[SERVER6, SERVER], server=ScriptedTurnServer())
    assert ways(bench) == {(BASE, "198.51.100.1"), (BASE6, "2001:db8::1")}


def test_where_only_ipv6_reaches_the_server_it_relays_over_ipv4() -> None:
    bench = gathered(BASE6, addresses=[SERVER6, SERVER], server=ScriptedTurnServer())
    assert ways(bench) == {(BASE6, "198.51.100.1")}


def test_a_server_with_an_ipv6_address_only() -> None:
    bench = gathered(BASE, BASE6, addresses=[SERVER6], server=ScriptedTurnServer())
    assert ways(bench) == {(BASE6, "198.51.100.1")}


def test_a_server_that_relays_over_ipv6_only() -> None:
    bench = gathered(BASE6, addresses=[SERVER6], server=ScriptedTurnServer(ipv4=False))
    assert ways(bench) == {(BASE6, "2001:db8::1")}
    assert bench.errors == []


def test_a_server_that_relays_over_ipv4_only() -> None:
    server = ScriptedTurnServer(ipv6=False)
    bench = gathered(BASE, BASE6, addresses=[SERVER, SERVER6], server=server)
    assert ways(bench) == {(BASE, "198.51.100.1"), (BASE6, "198.51.100.1")}
    assert bench.errors == []


def test_a_server_that_relays_nothing() -> None:
    server = ScriptedTurnServer(ipv4=False, ipv6=False)
    bench = gathered(BASE6, addresses=[SERVER6], server=server)
    assert [error.error_code for error in bench.errors] == [440]
    assert server.allocate_count == 4  # with and without credentials, for each family


def test_a_numeric_server_over_ipv6_waits_for_the_other_bases_only() -> None:
    bench = GatheringBench.of(IceServer("turn:[2001:db8::1]", "user", "secret"))
    bench.servers[SERVER6] = ScriptedTurnServer()
    bench.start(BASE6, end=False)
    bench.run(0.5)
    assert bench.sent == []
    bench.gatherer.end_of_bases(bench.now)
    bench.run(0.5)
    assert bench.time_of(RelayedFound) == 0.54
    assert bench.finished == 1
