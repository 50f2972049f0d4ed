"""The connection that applications use (W3C webrtc-pc section 4.4)."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from purertc.builder import PeerConnectionBuilder
from purertc.data_channel import DataChannel
from purertc.endpoint import Endpoint
from purertc.errors import ArgumentError, ConnectionFailed, InvalidStateError
from purertc.events import EventSink
from purertc.handler import PeerConnectionHandler
from purertc.runtime.base import Runtime
from purertc.sansio.config import Configuration
from purertc.sansio.description import IceCandidate, SessionDescription
from purertc.sansio.stats import StatsReport
from purertc.sansio.types import (
    ConnectionState,
    IceConnectionState,
    IceGatheringState,
    SignalingState,
)
from purertc.udp_mux import UdpMux

__all__ = ["PeerConnection"]


class PeerConnection:
    """One side of a WebRTC connection.

    ``handlers`` hear of what happens. ``runtime`` is found at the first call that needs it, so the
    object may be made where no event loop runs. ``event_sink`` takes the events instead of
    handlers. ``udp_mux`` lends its port, which other connections use, too. Used as an async context
    manager it closes itself. A connection that is dropped without :meth:`close` is closed, with a
    ResourceWarning.

    All methods belong to the thread of the event loop.
    """

    def __init__(
        self,
        *handlers: PeerConnectionHandler,
        configuration: Configuration | None = None,
        runtime: Runtime | None = None,
        event_sink: EventSink | None = None,
        udp_mux: UdpMux | None = None,
    ) -> None:
        for handler in handlers:
            _check_handler(handler)
        if handlers and event_sink is not None:
            raise ArgumentError("give handlers or an event_sink; a sink takes all events itself")
        if not isinstance(configuration, Configuration | None):
            raise ArgumentError("configuration takes a Configuration object")
        if not isinstance(udp_mux, UdpMux | None):
            raise ArgumentError("udp_mux takes a UdpMux object")
        self._has_own_sink = event_sink is not None
        self._endpoint = Endpoint(
            configuration or Configuration(), runtime, event_sink, handlers, udp_mux
        )
        self._unannounced = self._endpoint.dispatcher.keep_unannounced()
        self._peer = self._endpoint.peer

    @classmethod
    def builder(cls) -> "PeerConnectionBuilder[Self]":
        """Return a builder, for those who prefer one to keyword arguments."""
        return PeerConnectionBuilder(cls)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.connection_state} {self.signaling_state}>"

    async def __aenter__(self) -> Self:
        await self._endpoint.runtime.enter()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self.close()
        finally:
            await self._endpoint.runtime.leave(kind, error, traceback)

    # What can be read at any time.

    @property
    def connection_state(self) -> ConnectionState:
        """The connection as a whole."""
        return self._peer.connection_state

    @property
    def ice_connection_state(self) -> IceConnectionState:
        """The ICE transport."""
        return self._peer.ice_connection_state

    @property
    def ice_gathering_state(self) -> IceGatheringState:
        """How far the gathering of local candidates has come."""
        return self._peer.ice_gathering_state

    @property
    def signaling_state(self) -> SignalingState:
        """How far the offer/answer exchange has come."""
        return self._peer.signaling_state

    @property
    def close_reason(self) -> str | None:
        """Why the connection failed or closed; None while it has not."""
        return self._peer.close_reason

    @property
    def local_description(self) -> SessionDescription | None:
        """The pending local description, else the current one, with the candidates so far."""
        return self._peer.local_description

    @property
    def remote_description(self) -> SessionDescription | None:
        """The pending remote description, else the current one."""
        return self._peer.remote_description

    @property
    def current_local_description(self) -> SessionDescription | None:
        """The local description of the last finished exchange."""
        return self._peer.descriptions.current_local_description

    @property
    def current_remote_description(self) -> SessionDescription | None:
        """The remote description of the last finished exchange."""
        return self._peer.descriptions.current_remote_description

    @property
    def pending_local_description(self) -> SessionDescription | None:
        """The local description of the exchange under way."""
        return self._peer.descriptions.pending_local_description

    @property
    def pending_remote_description(self) -> SessionDescription | None:
        """The remote description of the exchange under way."""
        return self._peer.descriptions.pending_remote_description

    @property
    def can_trickle_ice_candidates(self) -> bool | None:
        """Whether the other side takes candidates after its description; None before it came."""
        remote = self.remote_description
        return None if remote is None else _announces_trickle(remote.sdp)

    @property
    def configuration(self) -> Configuration:
        """The settings of this connection."""
        return self._endpoint.configuration

    @property
    def handlers(self) -> tuple[PeerConnectionHandler, ...]:
        """The attached handlers, in the order of attachment; none after the close."""
        return self._endpoint.dispatcher.handlers

    # Plain calls.

    def attach(self, handler: PeerConnectionHandler) -> None:
        """Add a handler; each event goes to all handlers in the order of attachment.

        It hears of what happens from now on, and of data channels that no handler was told of.
        Raises ArgumentError for what is no handler and InvalidStateError after the close.
        """
        _check_handler(handler)
        if self._has_own_sink:
            raise InvalidStateError("this connection's events go to its own event_sink")
        if self.connection_state is ConnectionState.CLOSED:
            raise InvalidStateError("the connection is closed")
        self._endpoint.dispatcher.attach(handler)

    def create_data_channel(
        self,
        label: str,
        *,
        ordered: bool = True,
        max_packet_life_time: int | None = None,
        max_retransmits: int | None = None,
        protocol: str = "",
        negotiated: bool = False,
        id: int | None = None,
    ) -> DataChannel:
        """Make a data channel; the other side hears of it when the connection is up.

        ``ordered=False`` lets messages overtake each other. ``max_packet_life_time``, in
        milliseconds, or ``max_retransmits`` lets them be given up. With ``negotiated`` both
        sides make the channel with the same ``id``; otherwise the id is chosen when not given.
        Label and protocol may have 65535 bytes of UTF-8. Raises ArgumentError, and
        InvalidStateError after the close (W3C webrtc-pc section 6.1).
        """
        return self._endpoint.create_data_channel(
            lambda now: self._peer.create_data_channel(
                label,
                ordered=ordered,
                max_packet_life_time=max_packet_life_time,
                max_retransmits=max_retransmits,
                protocol=protocol,
                negotiated=negotiated,
                id=id,
                now=now,
            )
        )

    def restart_ice(self) -> None:
        """Ask for an ICE restart: ``on_negotiation_needed`` follows, and the next offer does it.

        W3C webrtc-pc section 4.4.2. Nothing happens before the first local description and
        after the close.
        """
        self._endpoint.command(self._peer.restart_ice)

    def set_configuration(self, configuration: Configuration) -> None:
        """Use other servers, or another transport policy, from the next gathering on.

        A new gathering comes with an ICE restart. Raises ArgumentError when a setting differs
        that cannot change, and InvalidStateError after the close (W3C webrtc-pc section 4.4.2).
        """
        if not isinstance(configuration, Configuration):
            raise ArgumentError("configuration takes a Configuration object")
        self._endpoint.set_configuration(configuration)

    def start_close(self) -> None:
        """Begin to close without waiting: goodbyes are sent, sockets closed; idempotent."""
        self._endpoint.start_close()

    # Negotiation. The calls of one connection run one after the other.

    async def create_offer(self, *, ice_restart: bool = False) -> SessionDescription:
        """Return an offer for :meth:`set_local_description`. Raises InvalidStateError.

        ``ice_restart`` makes it look for a new path, from new addresses if need be; data goes on
        over the old one until then, and none of it is lost.
        """
        return await self._endpoint.create(lambda: self._peer.create_offer(ice_restart=ice_restart))

    async def create_answer(self) -> SessionDescription:
        """Return an answer to the remote offer. Raises InvalidStateError."""
        return await self._endpoint.create(self._peer.create_answer)

    async def set_local_description(self, description: SessionDescription | None = None) -> None:
        """Apply an offer or answer of this side, by default the one that is due.

        When it returns, every handler that it triggered has run to its first suspension. Then
        gathering starts: candidates go to ``on_ice_candidate``, after the caller had its chance to
        signal the description; those who signal all in one await :meth:`gathering_complete`. Raises
        InvalidStateError or SdpError, then nothing has changed. Cancelled while it waits for its
        turn it does nothing; later it was applied.
        """
        if description is not None:
            _check_description(description)
        await self._endpoint.negotiate(
            lambda now: self._peer.set_local_description(description, now)
        )

    async def set_remote_description(self, description: SessionDescription) -> None:
        """Apply an offer or answer of the other side.

        Handlers, errors and cancellation are as for :meth:`set_local_description`.
        """
        _check_description(description)
        await self._endpoint.negotiate(
            lambda now: self._peer.set_remote_description(description, now)
        )

    async def add_ice_candidate(
        self, candidate: IceCandidate | Mapping[str, object] | None
    ) -> None:
        """Take a candidate of the other side, also as a browser's dictionary.

        None, or one with an empty text, says that no more will come. One that comes before the
        remote description it belongs to waits for it. Raises InvalidStateError after the close,
        ArgumentError or SdpError for a candidate that cannot be read or belongs nowhere; then
        nothing has changed.
        """
        if isinstance(candidate, Mapping):
            candidate = IceCandidate.from_json(candidate)
        if not isinstance(candidate, IceCandidate | None):
            raise ArgumentError("a candidate is an IceCandidate, a dictionary or None")
        await self._endpoint.negotiate(lambda now: self._peer.add_ice_candidate(candidate, now))

    # Looking inside.

    async def get_stats(self, selector: None = None) -> StatsReport:
        """Return the statistics of this moment (W3C webrtc-pc section 8.2).

        It works in every state. ``selector`` is for tracks; anything but None raises
        ArgumentError while there are none.
        """
        if selector is not None:
            raise ArgumentError("the selector of get_stats is a track; without media it is None")
        return self._endpoint.build_stats()

    # Waiting. Cancelling a wait changes nothing.

    async def connected(self) -> None:
        """Wait until the connection is up.

        Raises ConnectionFailed with the reason when it fails or closes first.
        """
        final = (ConnectionState.CONNECTED, ConnectionState.FAILED, ConnectionState.CLOSED)
        await self._endpoint.wait_until(lambda: self.connection_state in final)
        if self.connection_state is not ConnectionState.CONNECTED:
            raise ConnectionFailed(self.close_reason or f"the connection {self.connection_state}")

    async def gathering_complete(self) -> SessionDescription:
        """Wait until all local candidates are found; return the description that holds them.

        Raises InvalidStateError when the connection closes first, when the description was
        rolled back, and when it has nothing to gather for: an offer that was made before any
        data channel.
        """
        await self._endpoint.wait_until(
            lambda: (
                self.ice_gathering_state is IceGatheringState.COMPLETE
                or self.connection_state is ConnectionState.CLOSED
                or self._peer.has_nothing_to_gather
            )
        )
        if self._peer.has_nothing_to_gather:
            raise InvalidStateError(
                "the local description has no data section, so nothing is gathered; call"
                " create_data_channel before the offer is made"
            )
        if self.ice_gathering_state is not IceGatheringState.COMPLETE:
            raise InvalidStateError("the connection closed before gathering was complete")
        if self.local_description is None:
            raise InvalidStateError("the local description was rolled back; set one first")
        return self.local_description

    async def closed(self) -> None:
        """Wait until the connection is closed, by either side, and its handlers have ended.

        Inside a handler, or a task that one started, it does not wait for the handlers.
        """
        await self._endpoint.wait_closed()

    async def close(self) -> None:
        """Close the connection; idempotent, from anywhere.

        Goodbyes are sent and sockets closed at once; everyone who waits is woken, every loop
        over a channel ends. Then it waits for the handlers: those that still run after a second
        are cancelled, and after another one it gives up on those that will not be. Inside a
        handler, or a task that one started, it does not wait for them. Cancelling it does not
        stop the closing.
        """
        self._endpoint.start_close()
        await self._endpoint.wait_closed()


def _check_handler(handler: object) -> None:
    if not isinstance(handler, PeerConnectionHandler):
        raise ArgumentError(
            "a handler is an instance of a class derived from PeerConnectionHandler, not"
            f" {handler!r}"
        )


def _check_description(description: object) -> None:
    if not isinstance(description, SessionDescription):
        raise ArgumentError(
            "a description is a SessionDescription; SessionDescription.from_json makes one of a"
            " dictionary"
        )


def _announces_trickle(sdp: str) -> bool:
    """RFC 8840 section 4.1.1, at session level or in a section."""
    options = (line.removeprefix("a=ice-options:") for line in sdp.splitlines())
    return any("trickle" in option.split() for option in options)
