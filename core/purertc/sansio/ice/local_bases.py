"""The UDP sockets that servers are asked from, and which of them can reach which server."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Self

from purertc.sansio.types import Address
from purertc.wire.address import read_host, split_scope

__all__ = ["Base", "LocalBases", "Reach", "server_addresses", "version_of"]

_MAX_PER_FAMILY: Final = 3


class Reach(IntEnum):
    """How far an address works."""

    LOOPBACK = 0
    LINK = 1
    ANYWHERE = 2

    @classmethod
    def of(cls, address: Address) -> "Reach":
        """Return the reach of a numeric address."""
        host = read_host(address[0])
        if host.is_loopback:
            return cls.LOOPBACK
        return cls.LINK if host.is_link_local else cls.ANYWHERE


@dataclass(frozen=True, slots=True)
class Base:
    """A bound UDP socket. ``version`` is 4 or 6."""

    address: Address
    version: int
    reach: Reach
    added_at: float

    @classmethod
    def bound(cls, address: Address, now: float) -> Self:
        """Describe a socket. Raises ArgumentError for an address that is not numeric."""
        return cls(address, read_host(address[0]).version, Reach.of(address), now)

    def can_ask(self, server: Address) -> bool:
        """Whether packets between the two may pass.

        From loopback and link-local addresses nothing goes further than they reach themselves.
        """
        return version_of(server) == self.version and Reach.of(server) <= self.reach


class LocalBases:
    """All sockets in the order in which they were bound, the preferred ones first.

    ``complete`` says that no more are about to come.
    """

    __slots__ = ("_bases", "complete")

    def __init__(self) -> None:
        self.complete = False
        self._bases: dict[Address, Base] = {}

    def __contains__(self, address: Address) -> bool:
        return address in self._bases

    def add(self, address: Address, now: float) -> Base | None:
        """Note a socket; None when it is known. Raises ArgumentError."""
        if address in self._bases:
            return None
        base = self._bases[address] = Base.bound(address, now)
        return base

    def remove(self, address: Address) -> bool:
        """Forget a socket; return whether it was known."""
        return self._bases.pop(address, None) is not None

    def clear(self) -> None:
        """Forget all."""
        self._bases.clear()

    def all(self) -> tuple[Base, ...]:
        """Return every socket."""
        return tuple(self._bases.values())

    def able_to_ask(self, server: Address) -> list[Base]:
        """Return the sockets that can reach a server; those near to it first."""
        able = [base for base in self._bases.values() if base.can_ask(server)]
        return sorted(able, key=lambda base: base.reach)


def version_of(address: Address) -> int:
    """Return the IP version of a numeric address: 4 or 6."""
    return 6 if ":" in address[0] else 4


def server_addresses(found: Iterable[Address]) -> list[Address]:
    """Return what a lookup found in one spelling, without what no server can have.

    No more than a few of each IP version: a name with a hundred addresses must not cost more.
    """
    chosen: dict[int, list[Address]] = {4: [], 6: []}
    for host, port in found:
        address = _spelled(host, port)
        if address is None:
            continue
        same_version = chosen[version_of(address)]
        if len(same_version) < _MAX_PER_FAMILY and address not in same_version:
            same_version.append(address)
    return chosen[4] + chosen[6]


def _spelled(host: str, port: int) -> Address | None:
    bare, scope = split_scope(host)
    try:
        numeric: IPv4Address | IPv6Address = ip_address(bare)
    except ValueError:
        return None
    mapped = isinstance(numeric, IPv6Address) and numeric.ipv4_mapped is not None
    if numeric.is_unspecified or numeric.is_multicast or mapped or not 0 < port < 65536:
        return None
    return str(numeric) + scope, port
