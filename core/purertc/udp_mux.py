"""One UDP port for many connections."""

import errno
import logging
import warnings
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

from purertc.errors import ArgumentError, InvalidStateError, RuntimeUnavailable
from purertc.mux_sockets import Fragments, Member, MuxedSocket, SharedSockets
from purertc.runtime.base import Runtime
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.network_settings import NetworkSettings
from purertc.sansio.types import Address
from purertc.wire.address import parse_host

__all__ = ["UdpMux"]

_logger = logging.getLogger("purertc.network")


class UdpMux:
    """Lets many connections share one UDP port on each address of the machine.

    ``port`` 0 takes a free port, or one of the range of ``settings``. ``addresses`` are the
    numeric ones to use; by default those that ``settings`` lets through, and loopback when there
    is no other one. Ports, filters, buffers and DSCP of ``settings`` are for the mux, whatever the
    configurations of its connections say. ``runtime`` is found at the first use.

    The sockets are bound by ``async with``, by :meth:`bind`, or for the first connection; under
    trio it needs ``async with``, or a runtime with a nursery. All of it belongs to the thread of
    one event loop. The other side may not have two connections between the same two ports: of two
    connections between two muxes the second one fails.

    It is closed at the end of ``async with`` or by :meth:`close`; one that is dropped is closed,
    with a ResourceWarning, after its last connection has gone.

    Raises ArgumentError for a port or an address that is none.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        addresses: Sequence[str] | None = None,
        settings: NetworkSettings | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        settings = settings or NetworkSettings()
        _check(port, addresses, settings)
        self._runtime = RuntimeSource(runtime)
        self._sockets = SharedSockets(self._runtime, port, addresses, settings)

    def __repr__(self) -> str:
        where = ", ".join(f"{host} port {port}" for host, port in self.addresses)
        return f"<UdpMux {where or 'not bound'}>"

    def __del__(self) -> None:
        sockets = self.__dict__.get("_sockets")
        if sockets is None or not sockets.shared:
            return
        warnings.warn(
            "a UdpMux was dropped without close()", ResourceWarning, source=self, stacklevel=1
        )
        if not self._runtime.get().run_threadsafe(sockets.close):
            sockets.close()

    async def __aenter__(self) -> Self:
        """Bind. Raises OSError when no address can be bound, InvalidStateError after the close."""
        await self._runtime.enter()
        try:
            self.bind()
        except BaseException as error:
            await self._runtime.leave(type(error), error, error.__traceback__)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.close()
        finally:
            await self._runtime.leave(kind, error, traceback)

    @property
    def addresses(self) -> list[Address]:
        """Where it is bound: numeric hosts and ports."""
        return [shared.local for shared in self._sockets.shared.values()]

    @property
    def connection_count(self) -> int:
        """How many connections have sockets of it."""
        return self._sockets.members.count

    @property
    def dropped(self) -> int:
        """Reads of datagrams that belong to no connection; each has one or a run of them."""
        return self._sockets.members.dropped

    @property
    def refused(self) -> int:
        """Requests to a connection from an address that belongs to another one.

        It grows when somebody forges requests, and when two connections lie between the same two
        ports.
        """
        return sum(shared.routes.refused for shared in self._sockets.shared.values())

    @property
    def is_closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._sockets.is_closed

    def bind(self) -> None:
        """Bind the sockets, unless they are bound.

        Raises OSError when no address can be bound, InvalidStateError after the close.
        """
        self._check_open()
        self._sockets.bind_missing()
        if not self._sockets.shared:
            raise OSError(errno.EADDRNOTAVAIL, "no address of the UdpMux could be bound")

    def close(self) -> None:
        """Close the sockets; idempotent. Connections that live lose theirs, as if they had died."""
        self._sockets.close()

    def source(self, fragments: Fragments) -> "MuxSource":
        """Return where one connection has its sockets from.

        ``fragments`` returns the local user name fragments that it has now. Raises
        InvalidStateError after the close.
        """
        self._check_open()
        return MuxSource(self, self._sockets, fragments)

    def _check_open(self) -> None:
        if self._sockets.is_closed:
            raise InvalidStateError("the UdpMux is closed; make another one")


def _check(port: int, addresses: Sequence[str] | None, settings: NetworkSettings) -> None:
    if not 0 <= port <= 65535:
        raise ArgumentError("port is a number from 1 to 65535, or 0 for a free one")
    if not isinstance(settings, NetworkSettings):
        raise ArgumentError("settings takes a NetworkSettings object")
    if port and settings.port_range is not None:
        raise ArgumentError("give a port or settings with a port_range, not both")
    if isinstance(addresses, str):
        raise ArgumentError("addresses takes a list of addresses, such as ['192.0.2.1']")
    for address in addresses or ():
        if parse_host(address).is_unspecified:
            raise ArgumentError(
                f"{address!r} is no address that others can reach; leave addresses out to use all"
            )


class MuxSource:
    """The :class:`purertc.runtime.socket_source.SocketSource` of one connection on a mux."""

    def __init__(self, mux: UdpMux, sockets: SharedSockets, fragments: Fragments) -> None:
        self._mux = mux
        """Lives on as long as the connection does."""
        self._sockets = sockets
        self._member = Member(fragments)

    def hosts(self) -> set[str]:
        """Return the hosts that the mux may use now."""
        return self._sockets.hosts()

    def bind(self, besides: Collection[str] = ()) -> list[MuxedSocket]:
        """Return a socket on each address of the mux whose host is not in ``besides``."""
        if self._sockets.is_closed:
            _logger.warning("the UdpMux of this connection is closed, so it has no socket")
            return []
        try:
            self._sockets.bind_missing()
        except RuntimeUnavailable as error:
            _logger.error("a UdpMux cannot bind its sockets, enter it with 'async with': %s", error)
        hosts = self._sockets.hosts().difference(besides)
        found = [
            MuxedSocket(shared, self._member)
            for host, shared in self._sockets.shared.items()
            if host in hosts
        ]
        if found or self._member.sockets:
            self._sockets.members.add(self._member)
        return found
