"""Candidates of both sides: priorities, foundations, and what may be paired."""

import zlib
from dataclasses import dataclass
from typing import Final, Self

from purertc.errors import ArgumentError
from purertc.sansio.types import Address, Transport
from purertc.wire.address import NumericHost, read_host, split_scope
from purertc.wire.candidate import Candidate

__all__ = [
    "ACTIVE_PORT",
    "LocalBase",
    "RemoteCandidate",
    "candidate_priority",
    "check_host",
    "foundation",
    "pair_priority",
    "type_preference",
]

ACTIVE_PORT: Final = 9
"""The port of an active TCP candidate, which has none yet (RFC 6544 section 4.5)."""

_TYPE_PREFERENCE: Final = {
    ("host", Transport.UDP): 126,
    ("prflx", Transport.UDP): 110,
    ("srflx", Transport.UDP): 100,
    ("host", Transport.TCP): 90,
    ("prflx", Transport.TCP): 80,
    ("srflx", Transport.TCP): 70,
    ("relay", Transport.UDP): 0,
    ("relay", Transport.TCP): 0,
}
_DIRECTION_PREFERENCE: Final = {
    ("host", "active"): 6,
    ("host", "passive"): 4,
    ("prflx", "active"): 4,
    ("prflx", "passive"): 2,
}
_COMPONENT: Final = 1
_UNSAID: Final = {4: "0.0.0.0", 6: "::"}  # noqa: S104  # no address to bind to: none is said
_BEST_LOCAL_PREFERENCE: Final = 65535
_LINK_LOCAL_PENALTY: Final = 0x4000
_LOOPBACK_PENALTY: Final = 0x8000


def type_preference(kind: str, transport: Transport = Transport.UDP) -> int:
    """Return how good candidates of a kind are (RFC 8445 section 5.1.2.2).

    Everything direct over TCP comes after UDP (RFC 6544 section 4.2), but before a relay.
    """
    return _TYPE_PREFERENCE[kind, transport]


def candidate_priority(preference: int, local_preference: int) -> int:
    """Return the priority of a candidate of component 1 (RFC 8445 section 5.1.2.1)."""
    return (preference << 24) + (local_preference << 8) + 256 - _COMPONENT


def pair_priority(controlling: int, controlled: int) -> int:
    """Return the priority of a pair from its two candidates' (RFC 8445 section 6.1.2.3)."""
    low, high = sorted((controlling, controlled))
    return (low << 32) + 2 * high + (1 if controlling > controlled else 0)


def foundation(kind: str, transport: str, base_host: str, server: str = "") -> str:
    """Return the same text for candidates that are alike (RFC 8445 section 5.1.1.3)."""
    return str(zlib.crc32(f"{kind} {transport} {base_host} {server}".encode()))


def _local_preference(host: NumericHost, position: int) -> int:
    """Prefer what was added first; addresses that work in fewer places come later."""
    preference = _BEST_LOCAL_PREFERENCE - position
    if host.is_loopback:
        return preference - _LOOPBACK_PENALTY
    if host.is_link_local:
        return preference - _LINK_LOCAL_PENALTY
    return preference


def _with_direction(kind: str, tcp_type: str | None, local_preference: int) -> int:
    """Return the local preference with that of the TCP type in front (RFC 6544 section 4.2)."""
    if tcp_type is None:
        return local_preference
    return (_DIRECTION_PREFERENCE[kind, tcp_type] << 13) + (local_preference >> 3)


@dataclass(frozen=True, slots=True, eq=False)
class LocalBase:
    """Something to send from, and the candidate it makes (RFC 8445 section 3, "base").

    ``address`` names it: the address of a UDP socket, of a TCP listener, the address a relay
    gave, or the host and port 9 for outgoing TCP connections. It has the scope a link-local
    address needs; the candidate says the host without it, as a scope has no meaning on another
    machine (RFC 4007 section 6). ``signalled``: whether the candidate is told to the other side.
    """

    address: Address
    candidate: Candidate
    local_preference: int
    version: int
    scoped: bool
    transport: Transport = Transport.UDP
    signalled: bool = True

    @classmethod
    def udp(
        cls,
        address: Address,
        position: int,
        username_fragment: str,
        external_host: str | None = None,
    ) -> Self:
        """Describe the UDP socket that was added as number ``position``.

        ``external_host`` is the public address that a router translates one to one. Raises
        ArgumentError for an address that nobody could send to.
        """
        return cls._host(address, position, username_fragment, external_host=external_host)

    @classmethod
    def tcp(
        cls,
        address: Address,
        position: int,
        username_fragment: str,
        *,
        tcp_type: str,
        signalled: bool = True,
    ) -> Self:
        """Describe a TCP listener, or where TCP connections start; raises ArgumentError."""
        return cls._host(
            address, position, username_fragment, tcp_type=tcp_type, signalled=signalled
        )

    @classmethod
    def relayed(
        cls,
        address: Address,
        mapped: Address | None,
        position: int,
        username_fragment: str,
        preference: int,
    ) -> Self:
        """Describe the address a TURN server gave (RFC 8445 section 5.1.1.2).

        ``mapped`` is ours as the server sees it. Raises ArgumentError.
        """
        host = check_host(address)
        local_preference = _local_preference(host, position)
        related = mapped or (_UNSAID[host.version], ACTIVE_PORT)
        return cls(
            address=address,
            candidate=Candidate(
                foundation=foundation("relay", "udp", host.text),
                component=_COMPONENT,
                transport="udp",
                priority=candidate_priority(preference, local_preference),
                host=host.text,
                port=address[1],
                type="relay",
                related_host=split_scope(related[0])[0],
                related_port=related[1],
                username_fragment=username_fragment,
            ),
            local_preference=local_preference,
            version=host.version,
            scoped=host.is_scoped,
        )

    @classmethod
    def _host(
        cls,
        address: Address,
        position: int,
        username_fragment: str,
        *,
        external_host: str | None = None,
        tcp_type: str | None = None,
        signalled: bool = True,
    ) -> Self:
        host = check_host(address)
        transport = Transport.UDP if tcp_type is None else Transport.TCP
        preference = _local_preference(host, position)
        return cls(
            address=address,
            candidate=Candidate(
                foundation=foundation("host", transport, host.bare),
                component=_COMPONENT,
                transport=transport.value,
                priority=candidate_priority(
                    type_preference("host", transport),
                    _with_direction("host", tcp_type, preference),
                ),
                host=host.bare if external_host is None else read_host(external_host).text,
                port=address[1],
                type="host",
                tcp_type=tcp_type,
                username_fragment=username_fragment,
            ),
            local_preference=preference,
            version=host.version,
            scoped=host.is_scoped,
            transport=transport,
            signalled=signalled,
        )

    @property
    def passive(self) -> bool:
        """Whether only the other side can open a way to here."""
        return self.candidate.tcp_type == "passive"

    @property
    def reflexive_priority(self) -> int:
        """What PRIORITY says in checks from here (RFC 8445 section 7.1.1)."""
        return candidate_priority(
            type_preference("prflx", self.transport),
            _with_direction("prflx", self.candidate.tcp_type, self.local_preference),
        )

    def peer_reflexive(self, mapped: Address) -> Candidate:
        """Return the candidate the other side sees us as (RFC 8445 section 7.2.5.3.1)."""
        return Candidate(
            foundation=foundation("prflx", self.transport, self.candidate.host),
            component=_COMPONENT,
            transport=self.transport.value,
            priority=self.reflexive_priority,
            host=mapped[0],
            port=mapped[1],
            type="prflx",
            related_host=self.candidate.host,
            related_port=self.candidate.port,
            tcp_type=self.candidate.tcp_type,
        )

    def server_reflexive(self, mapped: Address, server: Address) -> Candidate:
        """Return the candidate a STUN server sees us as (RFC 8445 section 5.1.1.2)."""
        return Candidate(
            foundation=foundation("srflx", self.transport, self.candidate.host, server[0]),
            component=_COMPONENT,
            transport=self.transport.value,
            priority=candidate_priority(
                type_preference("srflx", self.transport), self.local_preference
            ),
            host=mapped[0],
            port=mapped[1],
            type="srflx",
            related_host=self.candidate.host,
            related_port=self.candidate.port,
            username_fragment=self.candidate.username_fragment,
        )

    def can_reach(self, remote: "RemoteCandidate") -> bool:
        """Whether packets can go there (RFC 8445 section 6.1.2.2, RFC 6544 section 6.2)."""
        return (
            self.transport is remote.transport
            and self.version == remote.version
            and self.scoped == remote.scoped
        )

    def address_of(self, remote: "RemoteCandidate") -> Address:
        """Return where to send from this base to reach ``remote``."""
        host, port = remote.address
        return (host + split_scope(self.address[0])[1], port) if self.scoped else (host, port)


def check_host(address: Address) -> NumericHost:
    """Return the host of a base; raises ArgumentError for one that nobody could send to."""
    host = read_host(address[0])
    if not host.is_usable or not 0 < address[1] < 65536:
        raise ArgumentError(f"{address!r} is no address that others could send to")
    if host.is_scoped and "%" not in address[0]:
        raise ArgumentError(f"link-local {address[0]!r} needs a scope, such as fe80::1%eth0")
    return host


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
    transport: Transport = Transport.UDP

    @property
    def key(self) -> tuple[Address, Transport]:
        """What tells it from the others."""
        return self.address, self.transport

    @classmethod
    def signalled(cls, candidate: Candidate) -> Self | None:
        """Return what checks can use, or None for what this agent has no way to reach.

        Of TCP candidates that is so for all but passive ones (RFC 6544 section 6.2).
        """
        if candidate.transport == "tcp":
            return cls._usable(candidate) if candidate.tcp_type == "passive" else None
        return cls._usable(candidate) if candidate.transport == "udp" else None

    @classmethod
    def reflexive(
        cls, source: Address, transport: Transport, priority: int, name: str
    ) -> Self | None:
        """Return the candidate learned from an authentic check (RFC 8445 section 7.3.1.3)."""
        return cls._usable(
            Candidate(
                foundation=name,
                component=_COMPONENT,
                transport=transport.value,
                priority=priority,
                host=split_scope(source[0])[0],
                port=source[1],
                type="prflx",
                tcp_type="active" if transport is Transport.TCP else None,
            )
        )

    @classmethod
    def _usable(cls, candidate: Candidate) -> Self | None:
        transport = Transport(candidate.transport)
        if (
            candidate.component != _COMPONENT
            or (candidate.type, transport) not in _TYPE_PREFERENCE
            or candidate.port == 0
        ):
            return None
        try:
            host = read_host(split_scope(candidate.host)[0])
        except ArgumentError:
            return None
        if not host.is_usable:
            return None
        return cls(
            candidate=candidate,
            address=(host.text, candidate.port),
            version=host.version,
            scoped=host.is_scoped,
            transport=transport,
        )
