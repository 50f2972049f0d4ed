"""Listening for the TCP connections of other sides (ICE-TCP passive, RFC 6544)."""

import logging
from collections.abc import Callable, Collection

from purertc.ports import PORT_TAKEN, ports_to_try
from purertc.runtime.base import ServesTcp, TcpListener, TcpStream
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.network_settings import NetworkSettings
from purertc.sansio.types import Address

__all__ = ["TcpListeners"]

_logger = logging.getLogger("purertc.driver")

OnAccepted = Callable[[TcpStream], None]
"""Takes a connection; its local address is that of the listener."""


class TcpListeners:
    """The listeners of one connection, one on each host that has a UDP socket."""

    def __init__(self, runtime: RuntimeSource, settings: NetworkSettings) -> None:
        self._runtime = runtime
        self._settings = settings
        self._listeners: dict[Address, TcpListener] = {}
        self._is_closed = False

    async def listen_on(self, hosts: Collection[str], on_accepted: OnAccepted) -> list[Address]:
        """Listen on these hosts and no others; return where. A host that refuses is left out."""
        for address in list(self._listeners):
            if address[0] not in hosts:
                self._listeners.pop(address).close()
        runtime = self._runtime.get()
        if not isinstance(runtime, ServesTcp):
            _logger.warning("the runtime %s cannot listen for TCP connections", runtime.name)
            return []
        busy = {host for host, _ in self._listeners}
        for host in hosts:
            if host not in busy:
                await self._listen(runtime, host, on_accepted)
        return list(self._listeners)

    def close(self) -> None:
        """Listen no more."""
        self._is_closed = True
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()

    async def _listen(self, server: ServesTcp, host: str, on_accepted: OnAccepted) -> None:
        for port in ports_to_try(self._settings):
            try:
                listener = await server.serve_tcp((host, port), on_accepted)
            except OSError as error:
                if error.errno in PORT_TAKEN:
                    continue
                _logger.debug("cannot listen on %s: %s", host, error)
                return
            if self._is_closed:
                listener.close()
            else:
                self._listeners[listener.local] = listener
                _logger.debug("listening on %s port %d", *listener.local)
            return
        _logger.warning("no free TCP port on %s", host)
