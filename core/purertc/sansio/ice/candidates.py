"""Candidates of both sides: priorities, foundations, and what may be paired."""

import zlib
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Self

from purertc.errors import ArgumentError
from purertc.sansio.types import Address
from purertc.wire.address import parse_host, split_scope
from purertc.wire.candidate import Candidate

__all__ = [
    "TYPE_PREFERENCE",
    "LocalAddress",
    "RemoteCandidate",
    "candidate_priority",
    "foundation",
    "pair_priority",
]

TYPE_PREFERENCE: Final = {"host": 126, "prflx": 110, "srflx": 100, "relay": 0}
"""RFC 8445 section 5.1.2.2."""

_BROADCAST: Final = IPv4Address("255.255.255.255")
_COMPONENT: Final = 1
_BEST_LOCAL_PREFERENCE: Final = 65535
_LINK_LOCAL_PENALTY: Final = 0x4000
_LOOPBACK_PENALTY: Final = 0x8000


def candidate_priority(kind: str, local_preference: int) -> int:
    """Return the priority of a candidate of component 1 (RFC 8445 section 5.1.2.1)."""
    return (TYPE_PREFERENCE[kind] << 24) + (local_preference << 8) + 256 - _COMPONENT


def pair_priority(controlling: int, controlled: int) -> int:
    """Return the priority of a pair from its two candidates' (RFC 8445 section 6.1.2.3)."""
    low, high = sorted((controlling, controlled))
    return (low << 32) + 2 * high + (1 if controlling > controlled else 0)


def foundation(kind: str, transport: str, base_host: str, server: str = "") -> str:
    """Return the same text for candidates that are alike (RFC 8445 section 5.1.1.3)."""
    return str(zlib.crc32(f"{kind} {transport} {base_host} {server}".encode()))


def _is_usable(host: IPv4Address | IPv6Address) -> bool:
    """Whether one can send to the address of a candidate, and get an answer from there.

    An IPv4-mapped one belongs to a socket of the other family (RFC 8445 section 5.1.1.1).
    """
    if host.is_unspecified or host.is_multicast:
        return False
    return host != _BROADCAST and getattr(host, "ipv4_mapped", None) is None


def _is_scoped(host: IPv4Address | IPv6Address) -> bool:
    return host.version == 6 and host.is_link_local


@dataclass(frozen=True, slots=True, eq=False)
class LocalAddress:
    """A bound UDP socket, and the host candidate it makes.

    ``address`` is the socket's, with the scope a link-local address needs. The candidate says
    the host without it: a scope has no meaning on another machine (RFC 4007 section 6).
    """

    address: Address
    candidate: Candidate
    local_preference: int
    version: int
    scoped: bool

    @classmethod
    def bound(cls, address: Address, position: int, username_fragment: str) -> Self:
        """Describe the socket that was bound as number ``position``.

        Addresses that work in fewer places get a lower preference, else the earlier one is
        preferred. Raises ArgumentError for an address that nobody could send to.
        """
        host = parse_host(address[0])
        if not _is_usable(host) or not 0 < address[1] < 65536:
            raise ArgumentError(f"{address!r} is no address of a bound UDP socket")
        scoped = _is_scoped(host)
        if scoped and "%" not in address[0]:
            raise ArgumentError(f"link-local {address[0]!r} needs a scope, such as fe80::1%eth0")
        preference = _BEST_LOCAL_PREFERENCE - position
        if host.is_loopback:
            preference -= _LOOPBACK_PENALTY
        elif host.is_link_local:
            preference -= _LINK_LOCAL_PENALTY
        bare = split_scope(str(host))[0]
        return cls(
            address=address,
            candidate=Candidate(
                foundation=foundation("host", "udp", bare),
                component=_COMPONENT,
                transport="udp",
                priority=candidate_priority("host", preference),
                host=bare,
                port=address[1],
                type="host",
                username_fragment=username_fragment,
            ),
            local_preference=preference,
            version=host.version,
            scoped=scoped,
        )

    @property
    def reflexive_priority(self) -> int:
        """What PRIORITY says in checks from here (RFC 8445 section 7.1.1)."""
        return candidate_priority("prflx", self.local_preference)

    def reflexive(self, mapped: Address) -> Candidate:
        """Return the candidate the other side sees us as (RFC 8445 section 7.2.5.3.1)."""
        return Candidate(
            foundation=foundation("prflx", "udp", self.candidate.host),
            component=_COMPONENT,
            transport="udp",
            priority=self.reflexive_priority,
            host=mapped[0],
            port=mapped[1],
            type="prflx",
            related_host=self.candidate.host,
            related_port=self.candidate.port,
        )

    def can_reach(self, remote: "RemoteCandidate") -> bool:
        """Whether the two may form a pair (RFC 8445 section 6.1.2.2)."""
        return self.version == remote.version and self.scoped == remote.scoped

    def address_of(self, remote: "RemoteCandidate") -> Address:
        """Return where to send from this socket to reach ``remote``."""
        host, port = remote.address
        return (host + split_scope(self.address[0])[1], port) if self.scoped else (host, port)


@dataclass(slots=True, eq=False)
class RemoteCandidate:
    """A candidate of the other side with its numeric address, which has no scope.

    ``candidate`` changes when a peer-reflexive candidate turns out to be one that is signalled
    later.
    """

    candidate: Candidate
    address: Address
    version: int
    scoped: bool

    @classmethod
    def signalled(cls, candidate: Candidate) -> Self | None:
        """Return what checks can use, or None for what this agent has no way to reach."""
        if (
            candidate.component != _COMPONENT
            or candidate.transport != "udp"
            or candidate.type not in TYPE_PREFERENCE
            or candidate.port == 0
        ):
            return None
        try:
            host = ip_address(split_scope(candidate.host)[0])
        except ValueError:
            return None
        if not _is_usable(host):
            return None
        return cls(
            candidate=candidate,
            address=(str(host), candidate.port),
            version=host.version,
            scoped=_is_scoped(host),
        )

    @classmethod
    def reflexive(cls, source: Address, priority: int, name: str) -> Self | None:
        """Return the candidate learned from an authentic check (RFC 8445 section 7.3.1.3)."""
        host, port = split_scope(source[0])[0], source[1]
        return cls.signalled(
            Candidate(
                foundation=name,
                component=_COMPONENT,
                transport="udp",
                priority=priority,
                host=host,
                port=port,
                type="prflx",
            )
        )
