"""Simulated machines: addresses and ports."""

import errno
import ipaddress
import itertools
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from purertc.errors import ArgumentError
from purertc.runtime.interface_address import InterfaceAddress
from purertc.sansio.types import Address
from purertc.testing.udp import SimulatedSocket

if TYPE_CHECKING:
    from purertc.testing.network import SimulatedNetwork
    from purertc.testing.realm import SimulatedNat
    from purertc.testing.wire import StreamEnd

__all__ = ["Listener", "SimulatedHost", "active_host", "is_loopback", "is_v6", "numeric"]

_active: ContextVar["SimulatedHost | None"] = ContextVar("purertc_active_host", default=None)

_FIRST_PORT = 49152
_LAST_PORT = 65535
_LOOPBACK = ("127.0.0.1", "::1")


def active_host() -> "SimulatedHost | None":
    """Return the host on which the calling code runs; None outside :meth:`SimulatedHost.active`."""
    return _active.get()


def numeric(address: str) -> str:
    """Return an IP address in its usual spelling. Raises ArgumentError for anything else."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        raise ArgumentError(f"{address!r} is no IPv4 or IPv6 address") from None


def is_v6(address: str) -> bool:
    """Whether ``address`` is an IPv6 address."""
    return ":" in address


def is_loopback(address: str) -> bool:
    """Whether ``address`` leads back to its own host."""
    return address == "::1" or address.startswith("127.")


class Listener(Protocol):
    """Who takes the stream connections to an address."""

    def take(self, end: "StreamEnd") -> None:
        """Take a connection, by its end on this side, and own the end."""


class SimulatedHost:
    """A machine of a :class:`SimulatedNetwork`, which makes it: ``network.add_host(…)``.

    Beside its addresses every host has the loopback ones, ``127.0.0.1`` and ``::1``.
    """

    def __init__(self, network: "SimulatedNetwork", name: str, nat: "SimulatedNat | None") -> None:
        self.network = network
        self.name = name
        self.nat = nat
        self.addresses: list[str] = []
        self.listeners: dict[Address, Listener] = {}
        """Who takes stream connections, by address and port, or by path and 0."""
        self._sockets: dict[Address, SimulatedSocket] = {}
        self._ports = itertools.cycle(range(_FIRST_PORT, _LAST_PORT + 1))

    def __repr__(self) -> str:
        return f"<SimulatedHost {self.name} {', '.join(self.addresses)}>"

    @contextmanager
    def active(self) -> Iterator["SimulatedHost"]:
        """Let the code in the block, and every task it starts, run on this host."""
        token = _active.set(self)
        try:
            yield self
        finally:
            _active.reset(token)

    def add_address(self, address: str) -> None:
        """Bring up one more address. Raises ArgumentError when it is taken or none."""
        address = numeric(address)
        self.network.attach(self, address)
        self.addresses.append(address)
        self.network.mend()

    def remove_address(self, address: str) -> None:
        """Take an address down: what its sockets send, and what is sent to them, is lost."""
        address = numeric(address)
        if address not in self.addresses:
            raise ArgumentError(f"{self.name} does not have the address {address}")
        self.network.detach(self, address)
        self.addresses.remove(address)

    def has_address(self, address: str) -> bool:
        """Whether an address, or loopback, is this host's now."""
        return is_loopback(address) or address in self.addresses

    def bind(self, address: str, port: int = 0) -> SimulatedSocket:
        """Return a UDP socket; port 0 means a free one. Raises OSError as ``socket.bind`` does."""
        address = numeric(address)
        any_address = address in ("0.0.0.0", "::")  # noqa: S104  # simulated
        if not (any_address or is_loopback(address) or address in self.addresses):
            raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        local = (address, port or self.free_port(address))
        if local in self._sockets:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        sock = self.network.open_socket(self, local)
        self._sockets[local] = sock
        return sock

    def interface_addresses(self) -> list[InterfaceAddress]:
        """Return the addresses as a machine has them: each on an interface, and loopback."""
        own = [InterfaceAddress(each, f"eth{n}") for n, each in enumerate(self.addresses)]
        return own + [InterfaceAddress(each, "lo") for each in _LOOPBACK]

    def bind_udp_socket(self, address: InterfaceAddress, ports: Iterable[int]) -> SimulatedSocket:
        """Bind the first free port of an address; connections do it for their candidates."""
        for port in ports:
            if port == 0 or (address.host, port) not in self._sockets:
                return self.bind(address.host, port)
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))

    def announce_name(self, name: str, host: str) -> None:
        """Let a ``.local`` name mean ``host`` for all hosts behind the same translator."""
        self.network.local_names.setdefault((name, self.nat), []).append(host)

    def withdraw_name(self, name: str, host: str) -> None:
        """Undo :meth:`announce_name`; for an unknown name it does nothing."""
        hosts = self.network.local_names.get((name, self.nat), [])
        if host in hosts:
            hosts.remove(host)
        if not hosts:
            self.network.local_names.pop((name, self.nat), None)

    def find_name(self, name: str) -> list[str]:
        """Return what a ``.local`` name means here; nothing for an unknown one."""
        return list(dict.fromkeys(self.network.local_names.get((name, self.nat), ())))

    def release(self, sock: SimulatedSocket) -> None:
        """Free the port of a socket that closes."""
        del self._sockets[sock.local]

    def source_for(self, sock: SimulatedSocket, destination: str) -> str | None:
        """Return the address from which ``sock`` sends; None when it has none for it."""
        bound = sock.local[0]
        if is_loopback(destination):
            return destination if bound in ("0.0.0.0", "::", destination) else None  # noqa: S104
        if bound not in ("0.0.0.0", "::"):  # noqa: S104  # simulated
            return bound if bound in self.addresses else None
        v6 = is_v6(destination)
        return next((address for address in self.addresses if is_v6(address) == v6), None)

    def socket_at(self, address: Address) -> SimulatedSocket | None:
        """Return the socket that receives for ``address``."""
        sock = self._sockets.get(address)
        if sock is None:
            any_address = "::" if is_v6(address[0]) else "0.0.0.0"  # noqa: S104  # simulated
            sock = self._sockets.get((any_address, address[1]))
        return sock

    def listener_at(self, address: Address) -> "Listener | None":
        """Return who takes stream connections to ``address``."""
        listener = self.listeners.get(address)
        if listener is None:
            any_address = "::" if is_v6(address[0]) else "0.0.0.0"  # noqa: S104  # simulated
            listener = self.listeners.get((any_address, address[1]))
        return listener

    def stream_source(self, destination: str, local_host: str | None = None) -> Address:
        """Return where a stream connection to ``destination`` comes from.

        Raises OSError when this host has no address of its family, or not ``local_host``.
        """
        if local_host is not None:
            if not (is_loopback(local_host) or local_host in self.addresses):
                raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
            return local_host, self.free_port(local_host)
        if is_loopback(destination) or destination in self.addresses:
            return destination, self.free_port(destination)
        v6 = is_v6(destination)
        for address in self.addresses:
            if is_v6(address) == v6:
                return address, self.free_port(address)
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

    def free_port(self, address: str) -> int:
        """Return a port on which no socket is bound."""
        for port in itertools.islice(self._ports, _LAST_PORT - _FIRST_PORT + 1):
            if (address, port) not in self._sockets:
                return port
        raise OSError(errno.EADDRINUSE, "all ports are taken")
