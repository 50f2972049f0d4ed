"""Small internets of namespaces: hosts and NATs around one router."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum

from tests.support.namespaces import Namespace

__all__ = ["SERVER", "SERVER_V6", "Internet", "NatKind", "internet", "silence"]

SERVER = "203.0.113.10"
SERVER_V6 = "2001:db8:ffff::10"
"""Addresses of the router itself, where the servers of a test run."""


_PRIVATE = "10.0.0.0/8"


class NatKind(StrEnum):
    """What the kernel's masquerading does with ports (RFC 4787 section 4.1, RFC 3489 section 5).

    CONE keeps the port where it can, so one mapping serves all destinations, and lets in only
    what answers: a port-restricted cone. SYMMETRIC takes a random port for each destination.
    """

    CONE = "cone"
    SYMMETRIC = "symmetric"


_MASQUERADE = {NatKind.CONE: "masquerade", NatKind.SYMMETRIC: "masquerade random,fully-random"}


@dataclass(frozen=True, slots=True)
class _Subnet:
    """The cable between the router, whose ``interface`` it is, and one machine."""

    number: int
    interface: str
    v6: bool

    def prefixes(self) -> list[tuple[str, int]]:
        """Return what addresses begin with, and how long the networks' part is in bits."""
        v4 = (f"198.18.{self.number}.", 24)
        return [v4, (f"2001:db8:{self.number}::", 64)] if self.v6 else [v4]


class Internet:
    """Made by :func:`internet`. ``router`` is where the servers run."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._networks = itertools.count(1)
        self._subnets: dict[Namespace, _Subnet] = {}
        self.router = self._new("router")
        self.router.forward()
        self.router.add_address("lo", f"{SERVER}/32")
        self.router.add_address("lo", f"{SERVER_V6}/128")
        self._swallow_private_addresses()

    def host(self) -> Namespace:
        """Add a machine with public addresses of both versions."""
        host = self._new("host")
        self._connect(host, v6=True)
        return host

    def cut(self, host: Namespace) -> None:
        """Take its addresses from a machine."""
        host.ip("addr flush dev eth0")

    def mend(self, host: Namespace) -> None:
        """Give a machine that was cut the addresses it had."""
        self._address(host)

    def move(self, host: Namespace) -> None:
        """Give a machine other addresses instead of those it has."""
        self.cut(host)
        before = self._subnets[host]
        self._subnets[host] = _Subnet(next(self._networks), before.interface, before.v6)
        self._address(host)

    def behind_nat(self, kind: NatKind) -> Namespace:
        """Add a machine with a private address, and the NAT before it. Only IPv4 comes through."""
        nat, host = self._new(f"{kind} NAT"), self._new(f"host behind the {kind} NAT")
        inner = f"10.0.{self._connect(nat, v6=False)}"
        nat.link(host)
        nat.add_address("eth1", f"{inner}.1/24")
        host.add_address("eth0", f"{inner}.2/24")
        host.ip(f"route add default via {inner}.1")
        nat.forward()
        nat.filter(
            {
                "outgoing": [
                    "type nat hook postrouting priority 100",
                    f"oifname eth0 {_MASQUERADE[kind]}",
                ],
                "forwarded": [
                    "type filter hook forward priority 0",
                    "iifname eth0 ct state new drop",
                ],
                # The kernel would otherwise keep such a flow in mind, and its port from the host.
                "incoming": ["type filter hook input priority 0", "iifname eth0 ct state new drop"],
            }
        )
        return host

    def _swallow_private_addresses(self) -> None:
        """Lose what is sent to them as the internet does: coturn, told that they are unreachable,
        ends the allocation."""
        self.router.ip(f"route add {_PRIVATE} dev lo")
        self.router.filter(
            {"arrived": ["type filter hook prerouting priority 0", f"ip daddr {_PRIVATE} drop"]}
        )

    def _new(self, name: str) -> Namespace:
        return self._stack.enter_context(Namespace(name))

    def _connect(self, other: Namespace, *, v6: bool) -> int:
        """Send all that a machine has to the router; return the number of their network."""
        number = next(self._networks)
        self._subnets[other] = _Subnet(number, self.router.link(other), v6)
        self._address(other)
        return number

    def _address(self, other: Namespace) -> None:
        subnet = self._subnets[other]
        for prefix, length in subnet.prefixes():
            self.router.add_address(subnet.interface, f"{prefix}1/{length}")
            other.add_address("eth0", f"{prefix}2/{length}")
            family = "-6 " if ":" in prefix else ""
            other.ip(f"{family}route replace default via {prefix}1")


@contextmanager
def internet() -> Iterator[Internet]:
    """Make a router; hosts are added as a test needs them, and all go at the end."""
    with ExitStack() as stack:
        yield Internet(stack)


def silence(namespace: Namespace, host: str) -> None:
    """Let ``namespace``, whose address ``host`` is, swallow what comes for it."""
    family = "ip6" if ":" in host else "ip"
    namespace.filter(
        {"arrived": ["type filter hook input priority 0", f"{family} daddr {host} drop"]}
    )
