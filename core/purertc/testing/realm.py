"""Spaces of addresses, and the translators between them."""

from purertc.testing.host import SimulatedHost
from purertc.testing.nat import NatTable

__all__ = ["Realm", "SimulatedNat"]


class Realm:
    """A space of addresses: the public one, or what lies behind a translator."""

    def __init__(self, nat: "SimulatedNat | None") -> None:
        self.nat = nat
        self.owners: dict[str, SimulatedHost | SimulatedNat] = {}


class SimulatedNat:
    """A translator between its hosts and the network outside; ``network.add_nat`` makes it."""

    def __init__(
        self, name: str, table: NatTable, address: str, outside: Realm, *, hairpins: bool
    ) -> None:
        self.name = name
        self.table = table
        self.address = address
        self.outside = outside
        self.inside = Realm(self)
        self.hairpins = hairpins

    def __repr__(self) -> str:
        return f"<SimulatedNat {self.name} {self.address} {self.table.kind}>"
