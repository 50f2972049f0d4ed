"""Sockets of the multicast DNS groups, one for each interface and IP version."""

import ipaddress
import logging
import socket
import struct
import sys
from collections.abc import Callable, Collection, Iterator
from typing import Final

import ifaddr

from purertc.mdns.records import Link

__all__ = ["GROUPS", "MDNS_PORT", "multicast_links", "open_socket", "open_sockets"]

_logger = logging.getLogger("purertc.mdns")

MDNS_PORT: Final = 5353
GROUPS: Final = {False: "224.0.0.251", True: "ff02::fb"}
"""By whether it is IPv6."""

_MAX_INTERFACES = 32
_HOPS = 255
"""RFC 6762 section 11."""

_IS_LINUX = sys.platform == "linux"
_IP_MULTICAST_ALL = 49

Links = dict[Link, str]
"""The links of this machine, with an address of this machine on each."""


def multicast_links() -> tuple[Links, Links]:
    """Return the ordinary links of this machine and those on loopback interfaces."""
    ordinary: Links = {}
    loopback: Links = {}
    for adapter in list(ifaddr.get_adapters())[:_MAX_INTERFACES]:
        for entry in adapter.ips:
            host = entry.ip if isinstance(entry.ip, str) else entry.ip[0]
            links = loopback if ipaddress.ip_address(host).is_loopback else ordinary
            links.setdefault(Link(adapter.index or 0, entry.is_IPv6), host)
    return ordinary, loopback


def open_sockets(
    links_of_machine: tuple[Links, Links],
    taken: Collection[Link],
    open_one: Callable[[Link, str], socket.socket],
) -> Iterator[tuple[Link, socket.socket]]:
    """Open the links that are not ``taken``; on loopback only when no other can be opened."""
    ordinary, loopback = links_of_machine
    is_open = any(link in ordinary for link in taken)
    for links in (ordinary, loopback):
        if links is loopback and is_open:
            return
        for link, host in links.items():
            if link in taken:
                continue
            try:
                sock = open_one(link, host)
            except OSError as error:
                _logger.debug("no multicast DNS on %s: %s", host, error)
                continue
            is_open = True
            yield link, sock


def open_socket(link: Link, host: str) -> socket.socket:
    """Return a socket that sends to the group and hears it on one link. Raises OSError."""
    sock = socket.socket(socket.AF_INET6 if link.v6 else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        # Other programs of this machine, such as browsers, use the port as well.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if link.v6:
            _join_v6(sock, link.interface)
        else:
            _join_v4(sock, host)
        sock.bind(_bind_address(link))
    except OSError:
        sock.close()
        raise
    return sock


def _bind_address(link: Link) -> tuple[str, int] | tuple[str, int, int, int]:
    """Return the group where the system lets a socket that is bound to it send.

    Such a socket takes no unicast packets away from other programs.
    """
    host = GROUPS[link.v6] if _IS_LINUX else ("::" if link.v6 else "")
    return (
        (host, MDNS_PORT, 0, link.interface if _IS_LINUX else 0) if link.v6 else (host, MDNS_PORT)
    )


def _join_v4(sock: socket.socket, host: str) -> None:
    interface = socket.inet_aton(host)
    group = socket.inet_aton(GROUPS[False])
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + interface)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, interface)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOPS)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, _HOPS)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
    if _IS_LINUX:
        # Otherwise it hears what other sockets have joined, on other interfaces.
        sock.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)


def _join_v6(sock: socket.socket, interface: int) -> None:
    index = struct.pack("@I", interface)
    group = socket.inet_pton(socket.AF_INET6, GROUPS[True])
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + index)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _HOPS)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, _HOPS)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 1)
