"""Numeric host addresses: one spelling each, and the scope of IPv6 link-local ones."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from purertc.errors import ArgumentError

__all__ = ["Address", "parse_host", "split_scope"]

Address = tuple[str, int]
"""Numeric host and port. A link-local IPv6 host carries its scope: ``fe80::1%eth0``."""


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
