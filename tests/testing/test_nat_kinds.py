"""The four classic kinds of translators (RFC 3489 section 5)."""

from dataclasses import dataclass

import pytest

from purertc.errors import ArgumentError
from purertc.sansio.types import Address
from purertc.testing import NatKind, SimulatedNetwork, SimulatedSocket
from tests.support.simulation import drain, received

FULL_CONE, ADDRESS, PORT, SYMMETRIC = NatKind


class Home:
    """A host behind a translator, and two servers outside with two ports each."""

    def __init__(self, kind: NatKind, **options: float | bool) -> None:
        self.network = SimulatedNetwork(seed=3)
        self.nat = self.network.add_nat("nat", kind, "203.0.113.1", **options)  # type: ignore[arg-type]
        self.host = self.network.add_host("inside", "192.168.1.2", nat=self.nat)
        self.inside = self.host.bind("192.168.1.2", 5000)
        self.servers: dict[str, SimulatedSocket] = {}
        for name, address in (("A", "198.51.100.1"), ("B", "198.51.100.2")):
            server = self.network.add_host(name, address)
            for port in (1, 2):
                self.servers[f"{name}{port}"] = server.bind(address, port)

    def reach(self, server: str) -> Address:
        """Send to a server; return the address it sees."""
        self.inside.sendto(b"out", self.servers[server].local)
        drain(self.network, 1)
        [(_, source)] = received(self.servers[server])
        return source

    def answers(self, outside: Address) -> list[str]:
        """Return the servers whose datagrams to ``outside`` come through."""
        for name, server in self.servers.items():
            server.sendto(name.encode(), outside)
        drain(self.network, 1)
        return [payload.decode() for payload, _ in received(self.inside)]


@dataclass(frozen=True)
class Row:
    kind: NatKind
    one_mapping: bool
    after_reaching_a1: list[str]


TABLE = [
    Row(FULL_CONE, True, ["A1", "A2", "B1", "B2"]),
    Row(ADDRESS, True, ["A1", "A2"]),
    Row(PORT, True, ["A1"]),
    Row(SYMMETRIC, False, ["A1"]),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.kind.value)
def test_who_may_answer(row: Row) -> None:
    home = Home(row.kind)
    outside = home.reach("A1")
    assert outside[0] == "203.0.113.1"
    assert home.answers(outside) == row.after_reaching_a1
    assert home.network.counters.nat_blocked == 4 - len(row.after_reaching_a1)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.kind.value)
def test_what_others_see(row: Row) -> None:
    home = Home(row.kind)
    seen = {home.reach(server) for server in home.servers}
    assert len(seen) == (1 if row.one_mapping else 4)
    assert home.reach("A1") in seen


@pytest.mark.parametrize("kind", list(NatKind))
def test_reaching_more_servers_admits_them(kind: NatKind) -> None:
    home = Home(kind)
    mappings = {home.reach(server): server for server in home.servers}
    heard = [name for outside in mappings for name in home.answers(outside)]
    assert sorted(heard) == sorted(home.servers)


@pytest.mark.parametrize("kind", list(NatKind))
def test_an_unused_mapping_is_forgotten(kind: NatKind) -> None:
    home = Home(kind, timeout=30.0)
    outside = home.reach("A1")
    drain(home.network, 20)
    assert home.reach("A1") == outside
    drain(home.network, 20)
    assert "A1" in home.answers(outside)
    drain(home.network, 20)
    assert home.answers(outside) == []
    assert home.reach("A1") != outside


def test_a_permission_ends_by_itself() -> None:
    home = Home(ADDRESS, timeout=30.0)
    outside = home.reach("A1")
    drain(home.network, 20)
    assert home.reach("B1") == outside
    drain(home.network, 20)
    assert home.answers(outside) == ["B1", "B2"]


def test_a_router_that_restarts_forgets_everything() -> None:
    home = Home(FULL_CONE)
    outside = home.reach("A1")
    home.nat.table.forget()
    assert home.answers(outside) == []


def test_nothing_comes_in_uninvited() -> None:
    home = Home(FULL_CONE)
    assert home.answers(("203.0.113.1", 5000)) == []
    assert home.answers(("192.168.1.2", 5000)) == []


def test_hosts_behind_one_translator_reach_each_other_directly() -> None:
    home = Home(SYMMETRIC)
    sibling = home.network.add_host("sibling", "192.168.1.3", nat=home.nat).bind("192.168.1.3", 7)
    home.inside.sendto(b"hello", sibling.local)
    drain(home.network)
    assert received(sibling) == [(b"hello", ("192.168.1.2", 5000))]


@pytest.mark.parametrize("hairpins", [True, False])
def test_hairpinning(hairpins: bool) -> None:
    home = Home(FULL_CONE, hairpins=hairpins)
    outside = home.reach("A1")
    sibling = home.network.add_host("sibling", "192.168.1.3", nat=home.nat).bind("192.168.1.3")
    sibling.sendto(b"round", outside)
    drain(home.network)
    came = received(home.inside)
    assert [payload for payload, _ in came] == [b"round"] * hairpins
    assert all(source[0] == "203.0.113.1" for _, source in came)


def test_private_addresses_may_be_used_twice() -> None:
    home = Home(FULL_CONE)
    outside = home.reach("A1")
    nat = home.network.add_nat("other nat", PORT, "203.0.113.2")
    other = home.network.add_host("other", "192.168.1.2", nat=nat).bind("192.168.1.2")
    other.sendto(b"hello", outside)
    drain(home.network)
    [(payload, source)] = received(home.inside)
    assert (payload, source[0]) == (b"hello", "203.0.113.2")


def test_translators_in_a_row() -> None:
    home = Home(PORT)
    inner = home.network.add_nat("inner", PORT, "192.168.1.9", behind=home.nat)
    deep = home.network.add_host("deep", "10.0.0.2", nat=inner).bind("10.0.0.2")
    deep.sendto(b"out", home.servers["A1"].local)
    drain(home.network, 1)
    [(_, source)] = received(home.servers["A1"])
    assert source[0] == "203.0.113.1"
    home.servers["A1"].sendto(b"back", source)
    home.servers["B1"].sendto(b"stranger", source)
    drain(home.network, 1)
    assert received(deep) == [(b"back", home.servers["A1"].local)]


def test_ipv6_passes_an_ipv4_translator_untouched() -> None:
    home = Home(SYMMETRIC)
    home.host.add_address("2001:db8::2")
    server = home.network.add_host("v6", "2001:db8::1").bind("2001:db8::1", 1)
    home.host.bind("2001:db8::2", 5000).sendto(b"six", server.local)
    drain(home.network)
    assert received(server) == [(b"six", ("2001:db8::2", 5000))]


def test_a_translator_needs_a_lifetime_and_a_free_name() -> None:
    network = SimulatedNetwork()
    with pytest.raises(ArgumentError, match="must live"):
        network.add_nat("nat", FULL_CONE, "203.0.113.1", timeout=0)
    network.add_nat("nat", FULL_CONE, "203.0.113.1")
    with pytest.raises(ArgumentError, match="already"):
        network.add_host("nat", "192.0.2.1")
