"""Multicast DNS for candidates that hide their addresses behind names (RFC 6762,
draft-ietf-mmusic-mdns-ice-candidates).

It works on the links of this machine, on every runtime. Its sockets are shared by all that use
it in one event loop, and closed when nobody does.
"""

import importlib
import ipaddress
import logging
import socket
import sys
from typing import TYPE_CHECKING

from purertc.errors import ArgumentError
from purertc.mdns.names import check_local_name, is_local_name
from purertc.runtime.base import (
    HasLocalNames,
    HasLoop,
    HasNetwork,
    HostNetwork,
    Runtime,
    TaskHandle,
)

if TYPE_CHECKING:
    from purertc.mdns.service import MdnsService

__all__ = ["Announcer", "is_local_name", "resolve_local_name"]

_logger = logging.getLogger("purertc.mdns")

_SERVICE_MODULE = "purertc.mdns.service"

_services: "dict[object, MdnsService]" = {}
"""Those in use, by what runs them."""


async def resolve_local_name(runtime: Runtime, name: str, timeout: float = 3.0) -> list[str]:
    """Return the addresses that ``name`` has on the links of this machine.

    Link-local IPv6 ones have their scope. The list is empty when nobody answers within
    ``timeout`` seconds or this machine has no multicast. Raises socket.gaierror, without asking
    anybody, for what is no name of an mDNS candidate. Concurrent lookups of one name share
    their queries; cancelling one leaves the others alone. A simulated network is asked itself:
    for what is announced on it, else for a host of this name.
    """
    name = check_local_name(name)
    network = _network_of(runtime)
    if network is not None:
        return await _ask(runtime, network, name)
    if _SERVICE_MODULE not in sys.modules:
        await runtime.run_in_thread(importlib.import_module, _SERVICE_MODULE)
    service = _acquire(runtime)
    try:
        return await service.resolve(name, timeout)
    finally:
        _release(runtime, service)


class Announcer:
    """The names that one connection answers for, until it is closed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._service: MdnsService | None = None
        self._network: HasLocalNames | None = None
        self._names: list[tuple[str, str, int | None]] = []
        self._loading: TaskHandle | None = None
        self._closed = False

    def announce(self, name: str, host: str) -> None:
        """Answer ``name`` with ``host``, a numeric address, and tell all links of it.

        It begins in a coming turn of the loop. Where there is no multicast nobody hears of it.
        A simulated network takes the name itself. Raises ArgumentError for what is no name of an
        mDNS candidate or no address; after the close it does nothing.
        """
        try:
            name = check_local_name(name)
            address, _, scope = host.partition("%")
            ipaddress.ip_address(address)
        except (OSError, ValueError) as error:
            raise ArgumentError(f"cannot announce {name!r} for {host!r}: {error}") from error
        if self._closed:
            return
        try:
            interface = _interface_index(scope) if scope else None
        except OSError as error:
            _logger.info("%s is not announced: no interface %s: %s", name, scope, error)
            return
        self._names.append((name, address, interface))
        network = _network_of(self._runtime)
        if network is not None and isinstance(network, HasLocalNames):
            self._network = network
            network.announce_name(name, address)
        elif network is not None:
            _logger.debug("%s is not announced: the network takes no names", name)
        elif self._service is not None:
            self._service.announce(name, address, interface)
        elif self._loading is None:
            self._loading = self._runtime.spawn(self._start(), name="purertc multicast DNS")

    def close(self) -> None:
        """Say goodbye for all names (RFC 6762 section 10.1); idempotent."""
        if self._closed:
            return
        self._closed = True
        if self._loading is not None:
            self._loading.cancel()
        network, self._network = self._network, None
        if network is not None:
            for name, address, _ in self._names:
                network.withdraw_name(name, address)
        service, self._service = self._service, None
        if service is not None:
            for name, address, interface in self._names:
                service.withdraw(name, address, interface)
            _release(self._runtime, service)
        self._names.clear()

    async def _start(self) -> None:
        if _SERVICE_MODULE not in sys.modules:
            await self._runtime.run_in_thread(importlib.import_module, _SERVICE_MODULE)
        if self._closed:
            return
        self._service = _acquire(self._runtime)
        for name, address, interface in self._names:
            self._service.announce(name, address, interface)


def _interface_index(scope: str) -> int:
    return int(scope) if scope.isdecimal() else socket.if_nametoindex(scope)


def _network_of(runtime: Runtime) -> HostNetwork | None:
    return runtime.network if isinstance(runtime, HasNetwork) else None


async def _ask(runtime: Runtime, network: HostNetwork, name: str) -> list[str]:
    """Ask a network of the runtime's own."""
    if isinstance(network, HasLocalNames) and (found := network.find_name(name)):
        return list(found)
    try:
        return [host for host, _ in await runtime.resolve(name, 0)]
    except OSError as error:
        _logger.info("%s was not found: %s", name, error)
        return []


def _shared_by(runtime: Runtime) -> object:
    return runtime.loop if isinstance(runtime, HasLoop) else runtime


def _acquire(runtime: Runtime) -> "MdnsService":
    from purertc.mdns.service import MdnsService  # noqa: PLC0415  # loads dnspython

    service = _services.get(_shared_by(runtime))
    if service is None:
        service = _services[_shared_by(runtime)] = MdnsService(runtime)
    service.users += 1
    return service


def _release(runtime: Runtime, service: "MdnsService") -> None:
    service.users -= 1
    if not service.users:
        del _services[_shared_by(runtime)]
        service.close()
