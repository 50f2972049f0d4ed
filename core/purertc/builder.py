"""Builds a connection step by step, for those who prefer it to keyword arguments."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from purertc.events import EventSink
from purertc.handler import PeerConnectionHandler
from purertc.runtime.base import Runtime
from purertc.runtime.detect import detect_runtime
from purertc.sansio.config import Configuration, IceServer
from purertc.udp_mux import UdpMux

if TYPE_CHECKING:
    from purertc.peer_connection import PeerConnection

__all__ = ["PeerConnectionBuilder"]

_C = TypeVar("_C", bound="PeerConnection")


class PeerConnectionBuilder(Generic[_C]):
    """Made by :meth:`PeerConnection.builder`. Each method returns the builder itself."""

    def __init__(self, factory: Callable[..., _C]) -> None:
        self._factory = factory
        self._handlers: list[PeerConnectionHandler] = []
        self._configuration: Configuration | None = None
        self._ice_servers: Sequence[IceServer] | None = None
        self._runtime: Runtime | None = None
        self._event_sink: EventSink | None = None
        self._udp_mux: UdpMux | None = None

    def with_handler(self, handler: PeerConnectionHandler) -> Self:
        """Add a handler; several go in the order in which they were added."""
        self._handlers.append(handler)
        return self

    def with_configuration(self, configuration: Configuration) -> Self:
        """Take all settings from ``configuration``."""
        self._configuration = configuration
        return self

    def with_ice_servers(self, servers: Sequence[IceServer]) -> Self:
        """Use these STUN and TURN servers, whatever the configuration says."""
        self._ice_servers = tuple(servers)
        return self

    def with_runtime(self, runtime: Runtime) -> Self:
        """Run on this event loop instead of the one that is running."""
        self._runtime = runtime
        return self

    def with_event_sink(self, sink: EventSink) -> Self:
        """Give all events to ``sink``; then there can be no handlers."""
        self._event_sink = sink
        return self

    def with_udp_mux(self, mux: UdpMux) -> Self:
        """Use the port of ``mux``, which other connections use, too."""
        self._udp_mux = mux
        return self

    async def build(self) -> _C:
        """Return the connection. Raises ArgumentError, and RuntimeUnavailable without a loop."""
        configuration = self._configuration or Configuration()
        if self._ice_servers is not None:
            configuration = replace(configuration, ice_servers=self._ice_servers)
        return self._factory(
            *self._handlers,
            configuration=configuration,
            runtime=self._runtime or detect_runtime(),
            event_sink=self._event_sink,
            udp_mux=self._udp_mux,
        )
