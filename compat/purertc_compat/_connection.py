"""One purertc connection behind a legacy one: aiortc's states, events and their order."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Final

import purertc
from purertc import events
from purertc_compat._channels import Channels
from purertc_compat._negotiated import NegotiatedTexts
from purertc_compat.rtcsctptransport import RTCSctpTransport

if TYPE_CHECKING:
    from purertc_compat.rtcpeerconnection import RTCPeerConnection

__all__ = ["Connection"]

_ICE_STATES: Final = {
    "checking": "checking",
    "connected": "completed",
    "completed": "completed",
    "failed": "failed",
}
"""aiortc has no "connected" and no "disconnected"; a connection that recovers looks unharmed."""

_ICE_ORDER: Final = ("new", "checking", "completed", "failed", "closed")

_TRANSPORT_EVENTS: Final = (
    events.IceGatheringStateChanged,
    events.IceConnectionStateChanged,
    events.ConnectionStateChanged,
)

_live: set["Connection"] = set()
"""Connections that a program made and dropped without closing go on, as they do in aiortc."""


class Connection:
    """States and events as aiortc has them; the sink of a purertc connection.

    aiortc starts ICE in a task after ``setLocalDescription`` or ``setRemoteDescription``; so while
    such a call runs, changes of the transport are held back, and delivered in the next turn of the
    loop.
    """

    def __init__(self, owner: "RTCPeerConnection", configuration: purertc.Configuration) -> None:
        self.core = purertc.PeerConnection(configuration=configuration, event_sink=self)
        self.texts = NegotiatedTexts()
        self.channels = Channels(self.core, self.texts, owner)
        self.signaling_state = "stable"
        self.ice_connection_state = "new"
        self.ice_gathering_state = "new"
        self.connection_state = "new"
        self._owner: RTCPeerConnection | None = owner
        self._sctp: RTCSctpTransport | None = None
        self._was_connected = False
        self._holding = 0
        self._held: list[events.Event] = []
        self._closing: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def sctp(self) -> RTCSctpTransport | None:
        """The view of the association; it stays readable after the close."""
        return self._sctp or self.channels.sctp

    # Events of purertc.

    def deliver(self, event: events.Event) -> None:
        """Take one event (:class:`purertc.EventSink`)."""
        if self._held or (self._holding and isinstance(event, _TRANSPORT_EVENTS)):
            self._held.append(event)
        else:
            self._act(event)

    def hold(self) -> None:
        """Keep changes of the transport back until as many calls of :meth:`release`."""
        self._holding += 1

    def release(self) -> None:
        """Let the changes that were kept back happen in the next turn of the loop."""
        self._holding -= 1
        if self._held and not self._holding:
            self.channels.call_soon(self._deliver_held)

    def expect_checking(self) -> None:
        """Both descriptions are there: in aiortc ICE is "checking" now, also without candidates."""
        if self.ice_connection_state == "new":
            checking = purertc.IceConnectionState.CHECKING
            self._held.insert(0, events.IceConnectionStateChanged(checking))

    def deliver_gathering(self) -> None:
        """Deliver what was kept back about gathering; aiortc gathers inside the call."""
        held, self._held = self._held, []
        for event in held:
            if isinstance(event, events.IceGatheringStateChanged):
                self._act(event)
            else:
                self._held.append(event)

    def _deliver_held(self) -> None:
        while self._held and not self._holding:
            self._act(self._held.pop(0))

    def _act(self, event: events.Event) -> None:
        match event:
            case events.MessageAvailable():
                self.channels.on_message(event.channel)
            case events.BufferedAmountLow():
                self.channels.on_buffered_amount_low(event.channel)
            case events.DataChannelAnnounced():
                self.channels.on_announced(event.channel)
            case events.ChannelOpened():
                self.channels.on_opened(event.channel)
            case events.ChannelClosing():
                self.channels.on_closing(event.channel)
            case events.ChannelClosed():
                self.channels.on_closed(event.channel)
            case _ if self._closing is None:
                self._act_on_state(event)

    def _act_on_state(self, event: events.Event) -> None:
        match event:
            case events.SignalingStateChanged(state="closed"):
                self._hung_up()
            case events.IceGatheringStateChanged():
                self._enter_gathering(str(event.state))
            case events.IceConnectionStateChanged():
                self._enter_ice(_ICE_STATES.get(event.state, "new"))
            case events.ConnectionStateChanged(state="connecting"):
                self._enter_ice("checking")
            case events.ConnectionStateChanged(state="connected"):
                self._enter_connected()
            case events.ConnectionStateChanged(state="failed"):
                self._enter_failed()

    # States. An object's own state is there before the connection's event, and the event of the
    # object comes after it: aiortc's connection is the first listener of its transports.

    def enter_signaling_state(self) -> None:
        """Announce the signaling state of purertc, also when it is the same as before."""
        if self._closing is not None:
            return
        self.signaling_state = str(self.core.signaling_state)
        self._tell("signalingstatechange")

    def _enter_gathering(self, state: str) -> None:
        gatherer = self.channels.ensure_sctp().transport.transport.iceGatherer
        gatherer._state = "completed" if state == "complete" else state
        self.ice_gathering_state = state
        self._tell("icegatheringstatechange")
        gatherer._fire("statechange")

    def _enter_ice(self, state: str) -> None:
        if _ICE_ORDER.index(state) <= _ICE_ORDER.index(self.ice_connection_state):
            return
        dtls = self.channels.ensure_sctp().transport
        dtls.transport._state = self.ice_connection_state = state
        self._tell("iceconnectionstatechange")
        self._enter("failed" if state == "failed" else "connecting")
        dtls.transport._fire("statechange")
        if state == "completed":
            self._enter_dtls("connecting")

    def _enter_dtls(self, state: str) -> None:
        dtls = self.channels.ensure_sctp().transport
        dtls._state = state
        dtls.encrypted = state == "connected"
        if state != "connecting":
            self._enter(state)
        dtls._fire("statechange")

    def _enter_connected(self) -> None:
        self._enter_ice("completed")
        sctp = self.channels.ensure_sctp()
        if sctp.state == "new":
            sctp._state = "connecting"
        if self.connection_state == "connecting":
            self._was_connected = True
            self._enter_dtls("connected")

    def _hung_up(self) -> None:
        """The other side closed: aiortc then closes by itself, through the program's close()."""
        if self.channels.sctp is not None:
            dtls = self.channels.sctp.transport
            dtls._state = "closed"
            dtls._fire("statechange")
        self._close_soon()

    def _enter_failed(self) -> None:
        if self.core.ice_connection_state == "failed":
            self._enter_ice("failed")
        else:
            self._enter_dtls("failed")
        if self._was_connected:
            self._close_soon()

    def _enter(self, state: str) -> None:
        """Change ``connectionState``; "connecting" only ever follows "new"."""
        if state == self.connection_state or (
            state == "connecting" and self.connection_state != "new"
        ):
            return
        self.connection_state = state
        self._tell("connectionstatechange")

    def _tell(self, event: str) -> None:
        if self._owner is not None:
            self._owner._fire(event)

    # Life and end.

    def keep_alive(self) -> None:
        """Keep the connection alive until it is closed, whether the program holds it or not."""
        for connection in [each for each in _live if each.is_stranded]:
            _live.discard(connection)
        if self._closing is None:
            _live.add(self)

    @property
    def is_stranded(self) -> bool:
        """Whether its event loop is closed."""
        return self.channels.loop is not None and self.channels.loop.is_closed()

    @property
    def is_closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._closing is not None

    async def close(self) -> None:
        """Close in aiortc's order; every call waits for the same closing, which always ends."""
        if self._closing is None:
            self.channels.bind_loop()
            self._closing = asyncio.get_running_loop().create_future()
            self._held.clear()
            self.signaling_state = "closed"
            self._tell("signalingstatechange")
            self._start(self._finish_close())
        await asyncio.shield(self._closing)

    async def _finish_close(self) -> None:
        try:
            self.core.start_close()
            await self.core.closed()
            self._announce_closed()
        finally:
            self._forget()

    def _announce_closed(self) -> None:
        self._sctp = self.channels.sctp
        self.channels.end()
        dtls = None if self._sctp is None else self._sctp.transport
        closed = [] if dtls is None else dtls._set_closed()
        self.ice_connection_state = "closed"
        self._tell("iceconnectionstatechange")
        self.connection_state = "closed"
        self._tell("connectionstatechange")
        for transport in closed:
            transport._fire("statechange")
        if dtls is not None:
            dtls._end()

    def _forget(self) -> None:
        """Let go of the program's objects, so that nothing here keeps them alive."""
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.remove_all_listeners()
        _live.discard(self)
        if self._closing is not None and not self._closing.done():
            self._closing.set_result(None)

    def _close_soon(self) -> None:
        if self._owner is not None:
            self._start(self._owner.close())

    def _start(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
