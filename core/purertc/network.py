"""The UDP sockets that a connection has for itself, on this machine or a simulated one."""

import errno
import logging
import os
import socket
from collections.abc import Callable, Collection, Iterable, Sequence

from purertc.interfaces import RecentAddresses, allowed
from purertc.ports import PORT_TAKEN, ports_to_try
from purertc.runtime.base import HostNetwork, UdpSocket
from purertc.runtime.detect import RuntimeSource
from purertc.runtime.interface_address import InterfaceAddress
from purertc.runtime.udp import set_dscp, set_udp_buffers, socket_address
from purertc.sansio.config import Configuration
from purertc.sansio.network_settings import NetworkSettings
from purertc.sansio.types import Address, Datagram

__all__ = [
    "OwnSocket",
    "OwnSockets",
    "ThisMachine",
    "bind_udp_socket",
    "bind_udp_sockets",
    "network_of",
    "usable_addresses",
]

_logger = logging.getLogger("purertc.network")


class ThisMachine:
    """The :class:`purertc.runtime.base.HostNetwork` of the machine that runs the program."""

    def __init__(self) -> None:
        self._recent_addresses = RecentAddresses()

    def interface_addresses(self) -> Sequence[InterfaceAddress]:
        """Return the addresses of at most a second ago."""
        return self._recent_addresses.get()

    def bind_udp_socket(self, address: InterfaceAddress, ports: Iterable[int]) -> socket.socket:
        """Return a UDP socket on the first free port. Raises OSError."""
        sock = socket.socket(
            socket.AF_INET6 if address.is_v6 else socket.AF_INET, socket.SOCK_DGRAM
        )
        try:
            if address.is_v6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            _bind_first_free(sock, address, ports)
        except OSError:
            sock.close()
            raise
        return sock


_this_machine = ThisMachine()


def _bind_first_free(sock: socket.socket, address: InterfaceAddress, ports: Iterable[int]) -> None:
    for port in ports:
        scoped = (address.host, port, 0, address.scope)
        try:
            sock.bind(scoped if address.is_v6 else scoped[:2])
        except OSError as error:
            if error.errno not in PORT_TAKEN:
                raise
        else:
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def network_of(runtime: RuntimeSource) -> HostNetwork:
    """Return the network on which connections of a runtime have their sockets."""
    found = runtime.get()
    network: HostNetwork | None = getattr(found, "network", None)
    return _this_machine if network is None else network


def usable_addresses(
    network: HostNetwork, settings: NetworkSettings, include_loopback: bool | None
) -> list[InterfaceAddress]:
    """Return the addresses that a connection may use now, as the filters say.

    ``include_loopback`` None adds loopback only when there is no other address.
    """
    found = allowed(network.interface_addresses(), settings)
    ordinary = [each for each in found if not each.is_loopback]
    if include_loopback or (include_loopback is None and not ordinary):
        ordinary += [each for each in found if each.is_loopback]
    return ordinary


def bind_udp_socket(
    network: HostNetwork,
    address: InterfaceAddress,
    settings: NetworkSettings,
    port: int = 0,
) -> socket.socket | None:
    """Bind one UDP socket with the options of ``settings``; None when the address refuses.

    ``port`` 0 takes one of the range, or a free one.
    """
    ports = (port,) if port else ports_to_try(settings)
    try:
        sock = network.bind_udp_socket(address, ports)
    except OSError as error:
        _log_refusal(address, settings, port, error)
        return None
    set_udp_buffers(sock, settings.socket_buffer)
    if settings.dscp is not None:
        set_dscp(sock, settings.dscp)
    return sock


def _log_refusal(
    address: InterfaceAddress, settings: NetworkSettings, port: int, error: OSError
) -> None:
    if error.errno != errno.EADDRINUSE:
        _logger.debug("cannot bind %s: %s", address.host, error)
    elif port:
        _logger.warning("port %d of %s is taken", port, address.host)
    elif settings.port_range is not None:
        _logger.warning(
            "no free port on %s from %d to %d, so there is no candidate of this address; widen"
            " port_range, or share one port in a UdpMux",
            address.host,
            *settings.port_range,
        )


def bind_udp_sockets(
    network: HostNetwork, configuration: Configuration, besides: Collection[str] = ()
) -> list[socket.socket]:
    """Bind a UDP socket on each usable address whose host is not in ``besides``.

    Addresses that refuse are left out. ``include_loopback`` None adds loopback only when no
    other address could be bound.
    """
    settings, include_loopback = configuration.network, configuration.include_loopback
    found = allowed(network.interface_addresses(), settings)
    wanted = [each for each in found if not besides or each.scoped_host not in besides]
    sockets = _bind_all(network, settings, [each for each in wanted if not each.is_loopback])
    if include_loopback or (include_loopback is None and not sockets and not besides):
        sockets += _bind_all(network, settings, [each for each in wanted if each.is_loopback])
    return sockets


def _bind_all(
    network: HostNetwork, settings: NetworkSettings, addresses: list[InterfaceAddress]
) -> list[socket.socket]:
    bound = [bind_udp_socket(network, each, settings) for each in addresses]
    return [sock for sock in bound if sock is not None]


class OwnSockets:
    """The :class:`purertc.runtime.socket_source.SocketSource` of ports that one connection has."""

    def __init__(self, runtime: RuntimeSource, configuration: Configuration) -> None:
        self._runtime = runtime
        self._configuration = configuration

    def hosts(self) -> list[str]:
        """Return the hosts that the filters let through now."""
        found = network_of(self._runtime).interface_addresses()
        return [
            each.scoped_host
            for each in allowed(found, self._configuration.network)
            if self._configuration.include_loopback is not False or not each.is_loopback
        ]

    def bind(self, besides: Collection[str] = ()) -> list["OwnSocket"]:
        """Bind a socket on each address that is not in ``besides``."""
        network = network_of(self._runtime)
        sockets = bind_udp_sockets(network, self._configuration, besides)
        return [OwnSocket(self._runtime, sock) for sock in sockets]


class OwnSocket:
    """A bound UDP socket that is to be watched by the runtime."""

    __slots__ = ("_runtime", "_socket", "local")

    def __init__(self, runtime: RuntimeSource, sock: socket.socket) -> None:
        self._runtime = runtime
        self._socket = sock
        self.local: Address = socket_address(sock)

    def open(
        self,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> UdpSocket:
        """Give the socket to the runtime."""
        return self._runtime.get().wrap_udp_socket(
            self._socket, on_datagrams, on_writable, on_error
        )

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
