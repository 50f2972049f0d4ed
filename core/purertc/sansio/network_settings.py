"""What a user may say about this machine's network, checked when it is made."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from purertc.errors import ArgumentError
from purertc.sansio.types import Address
from purertc.wire.address import parse_host

__all__ = ["ExternalAddressType", "IceTcpPolicy", "NetworkSettings", "Resolver"]

Resolver = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Takes a host name and a port and returns numeric addresses, the favourite first."""


class IceTcpPolicy(StrEnum):
    """What to do about ICE over TCP (RFC 6544)."""

    NONE = "none"
    ACTIVE = "active"
    PASSIVE = "passive"


class ExternalAddressType(StrEnum):
    """How the outer address of a one-to-one translation is signalled."""

    HOST = "host"
    SRFLX = "srflx"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """How a connection uses the machine it runs on. Raises ArgumentError for what cannot work.

    ``port_range``
        The first and the last port to bind, both included; None takes what the system gives.
    ``interface_filter``, ``address_filter``
        Functions of an interface's name, such as ``"eth0"``, or a numeric address that say
        whether it may be used.
    ``external_addresses``
        The public address of each local one that a router or cloud translates one to one, such
        as ``{"10.0.0.5": "203.0.113.7"}``.
    ``external_address_type``
        Whether the public address replaces the local one in the host candidate, or becomes a
        server-reflexive candidate beside it.
    ``ice_tcp``
        NONE never uses TCP candidates. ACTIVE connects to those of the other side without
        signalling any. PASSIVE signals candidates and listens, too (RFC 6544).
    ``resolve_mdns``
        Whether the ``.local`` names of the other side's candidates are looked up.
    ``obfuscate_host_addresses``
        Whether host candidates carry a ``.local`` name, announced by multicast DNS, instead of
        their address.
    ``socket_buffer``
        Bytes to ask for as send and as receive buffer of each UDP socket; None asks for 4 MiB.
    ``dscp``
        The differentiated services code point of what is sent, 0 to 63 (RFC 8837); None leaves
        the system's.
    ``max_path_mtu``
        The largest IP packet to look for a way for, 1280 to 16384 bytes. What a path takes is
        found out while much is sent (RFC 8899); 1280 sends nothing that is larger than that. More
        than 1500 is only for other sides that announce PAD (RFC 4820), as purertc does.
    ``resolver``
        Looks up the names of STUN and TURN servers instead of the system; it runs on the
        connection's event loop.
    ``tls_ca_file``
        A PEM file of the authorities that TURN servers over TLS must have their certificate
        from; None trusts the system's.
    ``tls_verify``
        False takes any certificate of a TURN server; only for tests.
    """

    port_range: tuple[int, int] | None = None
    interface_filter: Callable[[str], bool] | None = None
    address_filter: Callable[[str], bool] | None = None
    external_addresses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    external_address_type: ExternalAddressType = ExternalAddressType.HOST
    ice_tcp: IceTcpPolicy = IceTcpPolicy.ACTIVE
    resolve_mdns: bool = True
    obfuscate_host_addresses: bool = False
    socket_buffer: int | None = None
    dscp: int | None = None
    max_path_mtu: int = 9000
    resolver: Resolver | None = None
    tls_ca_file: str | None = None
    tls_verify: bool = True

    def __post_init__(self) -> None:
        if self.port_range is not None:
            low, high = self.port_range
            if not 1 <= low <= high <= 65535:
                raise ArgumentError("port_range is a first and a last port, from 1 to 65535")
        if self.socket_buffer is not None and self.socket_buffer < 1:
            raise ArgumentError("socket_buffer must be positive, or None for the default")
        if self.dscp is not None and not 0 <= self.dscp <= 63:
            raise ArgumentError("dscp must be from 0 to 63 (RFC 2474), or None")
        if not 1280 <= self.max_path_mtu <= 16384:
            raise ArgumentError("max_path_mtu must be from 1280 (RFC 8200) to 16384 bytes")
        for local, external in self.external_addresses.items():
            if parse_host(local).version != parse_host(external).version:
                raise ArgumentError(
                    f"external_addresses maps {local!r} to {external!r} of another IP version"
                )
        try:
            IceTcpPolicy(self.ice_tcp)
            ExternalAddressType(self.external_address_type)
        except ValueError as error:
            raise ArgumentError(str(error)) from error
