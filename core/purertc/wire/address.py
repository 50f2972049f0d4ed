"""Numeric host addresses: one spelling each, and the scope of IPv6 link-local ones."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from purertc.errors import ArgumentError

__all__ = ["Address", "NumericHost", "parse_host", "read_host", "split_scope"]

_BROADCAST: Final = IPv4Address("255.255.255.255")
_REMEMBERED: Final = 256

Address = tuple[str, int]
"""Numeric host and port. A link-local IPv6 host carries its scope: ``fe80::1%eth0``."""


@dataclass(frozen=True, slots=True)
class NumericHost:
    """A numeric address and what it is good for.

    ``text`` is its one spelling, with the scope if it has one, and ``bare`` the same without.
    ``is_scoped``: it needs a scope to be sent to (RFC 4007). ``is_usable``: one can send to it
    as the address of a candidate, and get an answer from there. An IPv4-mapped one belongs to a
    socket of the other family (RFC 8445 section 5.1.1.1).
    """

    text: str
    bare: str
    version: int
    is_loopback: bool
    is_link_local: bool
    is_scoped: bool
    is_usable: bool


@lru_cache(_REMEMBERED)
def read_host(host: str) -> NumericHost:
    """Read a numeric address, as :func:`parse_host` does, and say what it is.

    The same few addresses come again with each connection, so the latest are remembered.
    """
    address = parse_host(host)
    text = str(address)
    return NumericHost(
        text,
        split_scope(text)[0],
        address.version,
        is_loopback=address.is_loopback,
        is_link_local=address.is_link_local,
        is_scoped=address.version == 6 and address.is_link_local,
        is_usable=not (
            address.is_unspecified
            or address.is_multicast
            or address == _BROADCAST
            or getattr(address, "ipv4_mapped", None) is not None
        ),
    )


def parse_host(host: str) -> IPv4Address | IPv6Address:
    """Read a numeric address, with or without a scope (RFC 4007 section 11).

    Raises ArgumentError for anything else, such as a name.
    """
    try:
        return ip_address(host)
    except ValueError as error:
        raise ArgumentError(f"{host!r} is no numeric IP address") from error


def split_scope(host: str) -> tuple[str, str]:
    """Split ``fe80::1%eth0`` into ``fe80::1`` and ``%eth0``; the scope may be empty."""
    bare, percent, scope = host.partition("%")
    return bare, percent + scope
