"""The data channels of one legacy connection, and what purertc's events mean to them."""

import asyncio
from collections.abc import Callable

import purertc
from purertc import RuntimeUnavailable
from purertc_compat._emitter import LegacyEmitter
from purertc_compat._negotiated import NegotiatedTexts
from purertc_compat.rtcdatachannel import RTCDataChannel, RTCDataChannelParameters
from purertc_compat.rtcdtlstransport import RTCDtlsTransport
from purertc_compat.rtcicetransport import RTCIceGatherer, RTCIceTransport
from purertc_compat.rtcsctptransport import RTCSctpTransport

__all__ = ["Channels"]

_SPARE_ID = 65534

_DEFAULT_MAX_MESSAGE_SIZE = 65536
"""What the other side accepts when its description says nothing (RFC 8841 section 6.1)."""


class Channels:
    """Makes, finds and ends channels.

    The objects of the transport chain (``pc.sctp`` and what is below it) come into being with the
    first channel or the first description that has a section for channels.
    """

    def __init__(
        self, core: purertc.PeerConnection, texts: NegotiatedTexts, owner: LegacyEmitter
    ) -> None:
        self._core = core
        self._owner: LegacyEmitter | None = owner
        self._texts = texts
        self._by_core: dict[purertc.DataChannel, RTCDataChannel] = {}
        self._without_loop: list[RTCDataChannel] = []
        self._ended = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self.sctp: RTCSctpTransport | None = None
        self.association_up = False
        self.remote_max_message_size = _DEFAULT_MAX_MESSAGE_SIZE

    def ensure_sctp(self) -> RTCSctpTransport:
        """Return the association's view; make it and the views below it the first time."""
        if self.sctp is None:
            gatherer = RTCIceGatherer(self._texts)
            dtls = RTCDtlsTransport(RTCIceTransport(gatherer))
            self.sctp = RTCSctpTransport(dtls, self)
        return self.sctp

    def want_section(self) -> None:
        """Have offers describe data channels before there is one.

        purertc offers what was ever asked for; so a channel is made and closed that the other side
        never hears of.
        """
        if self.sctp is None and not self._ended:
            self.ensure_sctp()
            self._core.create_data_channel("", negotiated=True, id=_SPARE_ID).start_close()

    def bind_loop(self) -> None:
        """Note the running loop, and make the channels that were asked for before it ran."""
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
        waiting, self._without_loop = self._without_loop, []
        for channel in waiting:
            self._make(channel)

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn of the loop."""
        loop = self.loop or asyncio.get_running_loop()
        loop.call_soon(callback)

    def require_own_thread(self) -> None:
        """Raise RuntimeError when the loop runs in another thread."""
        if self.loop is None or not self.loop.is_running():
            return
        try:
            if asyncio.get_running_loop() is self.loop:
                return
        except RuntimeError:
            pass
        raise RuntimeError(
            "the connection belongs to the event loop of another thread; "
            "use loop.call_soon_threadsafe(channel.send, data)"
        )

    def open(self, channel: RTCDataChannel) -> None:
        """Announce a channel of this side. Raises ValueError for an id in use."""
        everyone = [*self._by_core.values(), *self._without_loop]
        if channel.id is not None and any(other.id == channel.id for other in everyone):
            raise ValueError(f"Data channel with ID {channel.id} already registered")
        if self._ended:
            return
        try:
            self._make(channel)
        except RuntimeUnavailable:
            self._without_loop.append(channel)

    def close(self, channel: RTCDataChannel) -> None:
        """Begin to close a channel; at once when the other side does not know of it."""
        if channel.readyState in ("closing", "closed"):
            return
        channel._enter("closing")
        core = channel._core
        if self.association_up and not self._ended and core is not None:
            core.start_close()
            return
        if channel in self._without_loop:
            self._without_loop.remove(channel)
        if core is not None:
            self._by_core.pop(core, None)
            core.start_close()
        channel._enter("closed")

    def end(self) -> None:
        """The connection is closed: nothing comes any more."""
        self._ended = True
        for channel in [*self._by_core.values(), *self._without_loop]:
            channel._detach()
        self._by_core.clear()
        self._without_loop.clear()
        self._owner = None
        if self.sctp is not None:
            self.sctp._state = "closed"
            self.sctp.remove_all_listeners()
            self.sctp = None

    def on_announced(self, core: purertc.DataChannel) -> None:
        """The other side opened a channel."""
        self._association_is_up()
        sctp = self.ensure_sctp()
        parameters = RTCDataChannelParameters(
            label=core.label,
            maxPacketLifeTime=core.max_packet_life_time,
            maxRetransmits=core.max_retransmits,
            ordered=core.ordered,
            protocol=core.protocol,
            id=core.id,
        )
        channel = RTCDataChannel(sctp, parameters, send_open=False)
        self._adopt(channel, core)
        channel._open_silently()
        if self._owner is not None:
            self._owner._fire("datachannel", channel)
        sctp._fire("datachannel", channel)

    def on_opened(self, core: purertc.DataChannel) -> None:
        """A channel of this side is open."""
        self._association_is_up()
        channel = self._by_core.get(core)
        if channel is not None and channel.readyState == "connecting":
            channel._enter("open")

    def on_message(self, core: purertc.DataChannel) -> None:
        """Messages wait; they go to whoever listens now."""
        channel = self._by_core.get(core)
        while (message := core.receive_nowait()) is not None:
            if channel is not None:
                channel._fire("message", message)

    def on_closing(self, core: purertc.DataChannel) -> None:
        """One side began to close."""
        channel = self._by_core.get(core)
        if channel is not None and channel.readyState != "closed":
            channel._enter("closing")

    def on_closed(self, core: purertc.DataChannel) -> None:
        """A channel is closed. One that never had an id stays as it was, as in aiortc."""
        channel = self._by_core.pop(core, None)
        if channel is None:
            return
        if channel.id is not None:
            channel._enter("closed")
        channel._detach()

    def on_buffered_amount_low(self, core: purertc.DataChannel) -> None:
        """Bytes of a channel were given to the network."""
        channel = self._by_core.get(core)
        if channel is not None:
            channel._buffer_fell()

    def _make(self, channel: RTCDataChannel) -> None:
        core = self._core.create_data_channel(
            channel.label,
            ordered=channel.ordered,
            max_packet_life_time=channel.maxPacketLifeTime or None,
            max_retransmits=channel.maxRetransmits,
            protocol=channel.protocol,
            negotiated=channel.negotiated,
            id=channel.id,
        )
        self._adopt(channel, core)
        if core.ready_state == "open":
            channel._open_silently()
        if self.association_up:
            self.call_soon(channel._assign_id)

    def _adopt(self, channel: RTCDataChannel, core: purertc.DataChannel) -> None:
        channel._core = core
        self._by_core[core] = channel

    def _association_is_up(self) -> None:
        if self.association_up:
            return
        self.association_up = True
        for channel in self._by_core.values():
            channel._assign_id()
        if self.sctp is not None and self.sctp.state != "closed":
            self.sctp._state = "connected"
