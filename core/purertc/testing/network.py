"""A network on virtual time: hosts, links, translators and what goes wrong between them."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from random import Random

from purertc.errors import ArgumentError
from purertc.sansio.types import Address, Transport
from purertc.testing.clock import VirtualClock
from purertc.testing.conditions import LinkConditions
from purertc.testing.counters import NetworkCounters
from purertc.testing.host import SimulatedHost, active_host, is_loopback, is_v6, numeric
from purertc.testing.link import SimulatedLink
from purertc.testing.nat import NatKind, NatTable
from purertc.testing.partition import Partition
from purertc.testing.realm import Realm, SimulatedNat
from purertc.testing.trace import Trace
from purertc.testing.udp import FIRST_DESCRIPTOR, SimulatedSocket
from purertc.wire.demux import classify

__all__ = ["SimulatedNetwork"]

_IP_AND_UDP_HEADERS = {False: 28, True: 48}


@dataclass(slots=True)
class _Packet:
    payload: bytes
    source: Address
    destination: Address
    origin: SimulatedHost
    may_be_cut: bool


class SimulatedNetwork:
    """Hosts that exchange datagrams on virtual time; one seed, one outcome.

    ``conditions`` hold for every pair of hosts that :meth:`set_link` did not give others. A
    ``trace`` takes what happens to each datagram.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        conditions: LinkConditions | None = None,
        trace: Trace | None = None,
    ) -> None:
        self.seed = seed
        self.conditions = conditions or LinkConditions()
        self.trace = trace
        self.clock = VirtualClock()
        self.hosts: dict[str, SimulatedHost] = {}
        self.sockets: dict[int, SimulatedSocket] = {}
        """All open sockets by their descriptors."""
        self.local_names: dict[tuple[str, SimulatedNat | None], list[str]] = {}
        """What multicast DNS would find, by the name and the translator it is asked behind."""
        self._nats: set[str] = set()
        self._public = Realm(None)
        self._links: dict[tuple[str, str], SimulatedLink] = {}
        self._partitions: list[Partition] = []
        self._healed: list[Callable[[], None]] = []
        self._descriptors = FIRST_DESCRIPTOR
        self._counters = NetworkCounters()

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self.clock.now

    @property
    def counters(self) -> NetworkCounters:
        """What became of all datagrams so far."""
        counters = asdict(self._counters)
        for link in self._links.values():
            for name, value in asdict(link.counters).items():
                if name != "sent":
                    counters[name] += value
        return NetworkCounters(**counters)

    # Building.

    def add_host(
        self, name: str, *addresses: str, nat: SimulatedNat | None = None
    ) -> SimulatedHost:
        """Add a machine with IPv4 and IPv6 addresses. Raises ArgumentError for taken ones.

        Behind a ``nat`` the addresses of the translator's family are private; others are public.
        """
        self._check_name(name)
        host = SimulatedHost(self, name, nat)
        for address in addresses:
            host.add_address(address)
        self.hosts[name] = host
        return host

    def add_nat(
        self,
        name: str,
        kind: NatKind,
        address: str,
        *,
        timeout: float = 120.0,
        hairpins: bool = False,
        behind: SimulatedNat | None = None,
    ) -> SimulatedNat:
        """Add a translator with one outside ``address``.

        A mapping is forgotten ``timeout`` seconds after the last datagram from the inside.
        With ``hairpins`` hosts inside reach each other by their outside addresses. ``behind``
        nests it, as with a carrier's translator.
        """
        self._check_name(name)
        outside = self._public if behind is None else behind.inside
        address = numeric(address)
        table = NatTable(kind, timeout, self._random(f"nat {name}"))
        nat = SimulatedNat(name, table, address, outside, hairpins=hairpins)
        self._claim(outside, address, nat)
        self._nats.add(name)
        return nat

    def set_conditions(self, conditions: LinkConditions) -> None:
        """Give all links the same conditions from now on."""
        self.conditions = conditions
        for link in self._links.values():
            link.conditions = conditions

    def set_link(
        self,
        one: SimulatedHost,
        other: SimulatedHost,
        conditions: LinkConditions,
        *,
        one_way: bool = False,
    ) -> None:
        """Give the link between two hosts conditions of its own, from now on, both ways.

        The link to a host behind a translator ends at the outermost translator, for all hosts
        behind it.
        """
        for source, target in ((one, other),) if one_way else ((one, other), (other, one)):
            self.link(source, target).conditions = conditions
            self._link(source, target).conditions = conditions

    def link(self, source: SimulatedHost, target: SimulatedHost) -> SimulatedLink:
        """Return one direction of a link, with its conditions and counters."""
        edge: SimulatedHost | SimulatedNat = target
        nat = target.nat
        while nat is not None and nat is not source.nat:
            edge, nat = nat, nat.outside.nat
        return self._link(source, edge)

    def partition(
        self,
        left: Iterable[SimulatedHost | str],
        right: Iterable[SimulatedHost | str] | None = None,
        *,
        transport: Transport | None = None,
    ) -> Partition:
        """Cut ``left`` off from ``right``, by default from everyone else.

        Both are hosts or addresses of hosts. What is on its way is lost. A ``transport`` limits
        the cut to UDP, as a firewall does, or to TCP.
        """
        others = None if right is None else frozenset(right)
        partition = Partition(self.end_partition, frozenset(left), others, transport)
        self._partitions.append(partition)
        return partition

    def end_partition(self, partition: Partition) -> None:
        """Heal a cut."""
        if partition in self._partitions:
            self._partitions.remove(partition)
            self.mend()

    def mend(self) -> None:
        """Try again what waits for the way to be whole."""
        healed, self._healed = self._healed, []
        for callback in healed:
            callback()

    def when_healed(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once, when the next cut heals or an address comes up."""
        self._healed.append(callback)

    def current_host(self) -> SimulatedHost:
        """Return the active host, else the first one; a network without hosts gets one."""
        host = active_host()
        if host is not None and host.network is self:
            return host
        if not self.hosts:
            return self.add_host("localhost", "192.0.2.1", "2001:db8::1")
        return next(iter(self.hosts.values()))

    def resolve(self, name: str) -> list[str]:
        """Return the addresses of a name: a host's, ``localhost``, or an address itself.

        Raises ArgumentError for unknown names.
        """
        if name in self.hosts:
            return list(self.hosts[name].addresses)
        if name == "localhost":
            return ["127.0.0.1", "::1"]
        return [numeric(name)]

    # Traffic.

    def transmit(self, sock: SimulatedSocket, payload: bytes, destination: Address) -> None:
        """Take a datagram from a socket."""
        self._counters.sent += 1
        origin = sock.host
        host = origin.source_for(sock, destination[0])
        source = (host or "", sock.local[1])
        packet = _Packet(payload, source, destination, origin, sock.may_be_cut)
        self._record("send", packet)
        if host is None:
            self._unreachable(packet)
        elif is_loopback(host) or destination[0] in origin.addresses:
            self.clock.schedule(self.now, partial(self._arrive, packet, origin))
        else:
            self._route(packet, self._realm_of(origin, host))

    def is_cut(
        self,
        one: tuple[SimulatedHost, str],
        other: tuple[SimulatedHost, str],
        transport: Transport,
    ) -> bool:
        """Whether a partition lies between two hosts, each with the address it uses."""
        return any(partition.separates(one, other, transport) for partition in self._partitions)

    def locate(self, origin: SimulatedHost, address: str) -> SimulatedHost | None:
        """Return the host that ``origin`` reaches at ``address`` without a translator inbound."""
        if is_loopback(address) or address in origin.addresses:
            return origin
        realm: Realm | None = (
            self._public if is_v6(address) or not origin.nat else origin.nat.inside
        )
        while realm is not None:
            owner = realm.owners.get(address)
            if owner is not None:
                return owner if isinstance(owner, SimulatedHost) else None
            realm = realm.nat.outside if realm.nat else None
        return None

    def _route(self, packet: _Packet, realm: Realm) -> None:
        """Send a packet outwards to the realm that knows its destination, then over the link."""
        passed: list[SimulatedNat] = []
        while (owner := realm.owners.get(packet.destination[0])) is None:
            nat = realm.nat
            if nat is None or is_v6(nat.address) != is_v6(packet.destination[0]):
                self._unreachable(packet)
                return
            packet.source = nat.table.outbound(
                packet.source, packet.destination, nat.address, self.now
            )
            passed.append(nat)
            realm = nat.outside
        if owner in passed and isinstance(owner, SimulatedNat) and not owner.hairpins:
            self._blocked(packet)
            return
        if isinstance(owner, SimulatedHost) and self._is_cut_off(packet, owner):
            return
        size = len(packet.payload) + _IP_AND_UDP_HEADERS[is_v6(packet.destination[0])]
        what, arrivals = self._link(packet.origin, owner).carry(
            size, self.now, may_be_cut=packet.may_be_cut
        )
        if what != "sent":
            self._record(what, packet)
        for arrival in arrivals:
            self.clock.schedule(arrival, partial(self._arrive, packet, owner))

    def _arrive(self, packet: _Packet, owner: SimulatedHost | SimulatedNat | None) -> None:
        """Take a packet inwards through translators to a host and its socket."""
        destination = packet.destination
        while isinstance(owner, SimulatedNat):
            inside = owner.table.inbound(packet.source, destination, self.now)
            if inside is None:
                self._blocked(packet)
                return
            destination = inside
            owner = owner.inside.owners.get(destination[0])
        if owner is not None and self._is_cut_off(packet, owner, destination[0]):
            return
        sock = None if owner is None else owner.socket_at(destination)
        if sock is None:
            self._unreachable(packet)
        elif sock.arrive(packet.payload, packet.source):
            self._counters.delivered += 1
            self._record("deliver", packet)
        else:
            self._counters.buffer_full += 1
            self._record("buffer full", packet)

    def _is_cut_off(
        self, packet: _Packet, owner: SimulatedHost, address: str | None = None
    ) -> bool:
        here = (packet.origin, packet.source[0])
        there = (owner, address or packet.destination[0])
        if not self.is_cut(here, there, Transport.UDP):
            return False
        self._counters.partitioned += 1
        self._record("cut off", packet)
        return True

    def _unreachable(self, packet: _Packet) -> None:
        self._counters.unreachable += 1
        self._record("unreachable", packet)

    def _blocked(self, packet: _Packet) -> None:
        self._counters.nat_blocked += 1
        self._record("blocked", packet)

    def _record(self, what: str, packet: _Packet) -> None:
        if self.trace is not None:
            kind = classify(packet.payload[0]) if packet.payload else None
            name = "data" if kind is None else kind.name.lower()
            source, destination = map(_text, (packet.source, packet.destination))
            self.trace.record(self.now, what, f"{name} {source} > {destination}")

    # For hosts.

    def attach(self, host: SimulatedHost, address: str) -> None:
        """Make an address lead to a host. Raises ArgumentError when it is taken."""
        self._claim(self._realm_of(host, address), address, host)

    def detach(self, host: SimulatedHost, address: str) -> None:
        """Make an address lead nowhere."""
        del self._realm_of(host, address).owners[address]

    def open_socket(self, host: SimulatedHost, local: Address) -> SimulatedSocket:
        """Make a socket with a descriptor that no real file has."""
        self._descriptors += 1
        sock = SimulatedSocket(host, local, self._descriptors)
        self.sockets[self._descriptors] = sock
        return sock

    def _realm_of(self, host: SimulatedHost, address: str) -> Realm:
        if host.nat is not None and is_v6(address) == is_v6(host.nat.address):
            return host.nat.inside
        return self._public

    def _check_name(self, name: str) -> None:
        if name in self.hosts or name in self._nats:
            raise ArgumentError(f"there is a host or translator {name!r} already")

    def _claim(self, realm: Realm, address: str, owner: SimulatedHost | SimulatedNat) -> None:
        if address in realm.owners:
            raise ArgumentError(f"{address} belongs to {realm.owners[address].name} already")
        realm.owners[address] = owner

    def _link(self, source: SimulatedHost, edge: SimulatedHost | SimulatedNat) -> SimulatedLink:
        key = (source.name, edge.name)
        link = self._links.get(key)
        if link is None:
            link = SimulatedLink(self.conditions, self._random(" > ".join(key)))
            self._links[key] = link
        return link

    def _random(self, purpose: str) -> Random:
        return Random(f"{self.seed} {purpose}")


def _text(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if is_v6(host) else f"{host}:{port}"
