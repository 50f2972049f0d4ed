"""The addresses of this machine, and UDP sockets bound to them."""

import ipaddress
import logging
import socket
import time
from collections.abc import Callable, Iterator, Sequence

import ifaddr

from purertc.runtime.base import HasNetwork
from purertc.runtime.detect import RuntimeSource

__all__ = ["RecentAddresses", "bind_host_sockets", "bind_udp_sockets", "host_addresses"]

_logger = logging.getLogger("purertc.network")

_ADDRESS_LIFETIME = 1.0

_EXCLUDED_V6 = (
    ipaddress.IPv6Network("fec0::/10"),
    ipaddress.IPv6Network("::ffff:0:0/96"),
    ipaddress.IPv6Network("::/96"),
)
"""Site-local, IPv4-mapped and IPv4-compatible addresses (RFC 8445 section 5.1.1.1)."""

HostAddress = tuple[str, int]
"""A numeric host and its IPv6 scope id, 0 where there is none."""


HostAddresses = tuple[list[HostAddress], list[HostAddress]]
"""The ordinary ones, the loopback ones."""


def host_addresses() -> HostAddresses:
    """Return the usable addresses of all interfaces."""
    ordinary: list[HostAddress] = []
    loopback: list[HostAddress] = []
    for host, scope in _interface_addresses():
        address = ipaddress.ip_address(host)
        if address.is_loopback:
            loopback.append((host, 0))
        elif not _is_excluded(address):
            ordinary.append((host, scope if address.is_link_local else 0))
    return list(dict.fromkeys(ordinary)), list(dict.fromkeys(loopback))


def _interface_addresses() -> Iterator[HostAddress]:
    for adapter in ifaddr.get_adapters():
        for entry in adapter.ips:
            if isinstance(entry.ip, str):
                yield entry.ip, 0
            else:
                yield entry.ip[0], entry.ip[2]


def _is_excluded(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if address.is_unspecified or address.is_multicast:
        return True
    return address.version == 6 and any(address in network for network in _EXCLUDED_V6)


class RecentAddresses:
    """The addresses of this machine, looked up at most once a second.

    Interfaces change seldom, and a server that takes many connections would spend a tenth of
    their set-up on looking.
    """

    __slots__ = ("_addresses", "_clock", "_expires")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._addresses: HostAddresses = ([], [])
        self._expires: float | None = None

    def get(self) -> HostAddresses:
        """Return what :func:`host_addresses` said within the last second."""
        now = self._clock()
        if self._expires is None or now >= self._expires:
            self._addresses = host_addresses()
            self._expires = now + _ADDRESS_LIFETIME
        return self._addresses


_recent_addresses = RecentAddresses()


def bind_udp_sockets(
    source: RuntimeSource, include_loopback: bool | None
) -> Sequence[socket.socket]:
    """Bind the sockets of one connection: on its runtime's own network, or on this machine."""
    runtime = source.get()
    network = runtime.network if isinstance(runtime, HasNetwork) else None
    bind = bind_host_sockets if network is None else network.bind_udp_sockets
    return bind(include_loopback)


def bind_host_sockets(include_loopback: bool | None) -> list[socket.socket]:
    """Bind one UDP socket on a free port of each address; addresses that refuse are left out.

    ``include_loopback`` None adds loopback only when no other address could be bound.
    """
    ordinary, loopback = _recent_addresses.get()
    sockets = [sock for address in ordinary if (sock := _bind(address)) is not None]
    if include_loopback or (include_loopback is None and not sockets):
        sockets += [sock for address in loopback if (sock := _bind(address)) is not None]
    return sockets


def _bind(address: HostAddress) -> socket.socket | None:
    host, scope = address
    v6 = ":" in host
    try:
        sock = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
    except OSError as error:
        _logger.debug("no socket for %s: %s", host, error)
        return None
    try:
        if v6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, 0, 0, scope) if v6 else (host, 0))
    except OSError as error:
        _logger.debug("cannot bind %s: %s", host, error)
        sock.close()
        return None
    return sock
