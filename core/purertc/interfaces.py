"""The addresses of this machine, and which of them a connection may use."""

import ipaddress
import logging
import time
from collections.abc import Callable, Iterator, Sequence

import ifaddr

from purertc.runtime.interface_address import InterfaceAddress
from purertc.sansio.network_settings import NetworkSettings

__all__ = ["RecentAddresses", "allowed", "interface_addresses"]

_logger = logging.getLogger("purertc.network")

_ADDRESS_LIFETIME = 1.0

_EXCLUDED_V6 = (
    ipaddress.IPv6Network("fec0::/10"),
    ipaddress.IPv6Network("::ffff:0:0/96"),
    ipaddress.IPv6Network("::/96"),
)
"""Site-local, IPv4-mapped and IPv4-compatible addresses (RFC 8445 section 5.1.1.1)."""


def interface_addresses() -> list[InterfaceAddress]:
    """Return the addresses of all interfaces that ICE may use, each once."""
    return list(dict.fromkeys(each for each in _all_addresses() if _is_usable(each)))


def _all_addresses() -> Iterator[InterfaceAddress]:
    for adapter in ifaddr.get_adapters():
        name = adapter.nice_name
        for entry in adapter.ips:
            if isinstance(entry.ip, str):
                yield InterfaceAddress(entry.ip, name)
            else:
                host, _, scope = entry.ip
                is_link_local = ipaddress.IPv6Address(host).is_link_local
                yield InterfaceAddress(host, name, scope if is_link_local else 0)


def _is_usable(candidate: InterfaceAddress) -> bool:
    address = ipaddress.ip_address(candidate.host)
    if address.is_unspecified or address.is_multicast:
        return False
    if address.version == 4 or address.is_loopback:
        return True
    return not any(address in network for network in _EXCLUDED_V6)


def allowed(
    addresses: Sequence[InterfaceAddress], settings: NetworkSettings
) -> list[InterfaceAddress]:
    """Return the addresses that pass the filters of ``settings``.

    A filter that raises is logged, and the address left out.
    """
    return [
        each
        for each in addresses
        if _passes(settings.interface_filter, "interface_filter", each.interface)
        and _passes(settings.address_filter, "address_filter", each.host)
    ]


def _passes(user_filter: Callable[[str], bool] | None, name: str, value: str) -> bool:
    if user_filter is None:
        return True
    try:
        return bool(user_filter(value))
    except Exception:
        _logger.exception("%s raised for %r, which is left out", name, value)
        return False


class RecentAddresses:
    """The addresses of this machine, looked up at most once a second.

    Interfaces change seldom, and a server that takes many connections would spend a tenth of
    their set-up on looking.
    """

    __slots__ = ("_addresses", "_clock", "_expires")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._addresses: list[InterfaceAddress] = []
        self._expires: float | None = None

    def get(self) -> list[InterfaceAddress]:
        """Return what :func:`interface_addresses` said within the last second."""
        now = self._clock()
        if self._expires is None or now >= self._expires:
            self._addresses = interface_addresses()
            self._expires = now + _ADDRESS_LIFETIME
        return self._addresses
