"""What the public objects of one connection share: the peer, its I/O, its handlers and channels.

The event loop reaches the driver, the driver refers to the endpoint weakly, and the public
objects hold the endpoint. So a connection lives as long as someone holds it, one of its open
channels, or a handler of it is running; when the last of them goes, it is closed.
"""

import logging
import secrets
import time
import warnings
import weakref
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

from purertc import events
from purertc.data_channel import DataChannel
from purertc.dispatcher import Dispatcher
from purertc.driver import Driver
from purertc.events import EventSink
from purertc.handler import PeerConnectionHandler
from purertc.handler_tasks import HandlerScope
from purertc.network import OwnSockets
from purertc.operations import OperationsChain
from purertc.runtime.base import Event as Signal
from purertc.runtime.base import Runtime
from purertc.runtime.detect import RuntimeSource
from purertc.runtime.socket_source import SocketSource
from purertc.sansio import events as core
from purertc.sansio.config import Configuration
from purertc.sansio.datachannel import Channel
from purertc.sansio.description import SessionDescription
from purertc.sansio.dtls import Certificate
from purertc.sansio.explanation import explain_peer, printable
from purertc.sansio.peer import Peer
from purertc.sansio.stats import StatsReport
from purertc.sansio.stats_builder import build_stats
from purertc.sansio.types import ConnectionState
from purertc.send_queue import Message
from purertc.udp_mux import UdpMux

__all__ = ["Endpoint"]

_logger = logging.getLogger("purertc.driver")
_ice_logger = logging.getLogger("purertc.ice")
_handler_logger = logging.getLogger("purertc.handler")


class Endpoint:
    """One connection behind its public objects."""

    def __init__(
        self,
        configuration: Configuration,
        runtime: Runtime | None,
        sink: EventSink | None,
        handlers: Iterable[PeerConnectionHandler],
        udp_mux: UdpMux | None = None,
    ) -> None:
        certificate = configuration.certificate or Certificate.generate(now_utc=datetime.now(UTC))
        self.configuration = configuration
        self.peer = Peer(configuration, certificate=certificate, entropy=secrets.token_bytes)
        self.runtime = RuntimeSource(runtime)
        self.scope = HandlerScope(self.runtime)
        self.dispatcher = Dispatcher(self.scope)
        for handler in handlers:
            self.dispatcher.attach(handler)
        self.operations = OperationsChain(self.runtime)
        self._sink: EventSink | None = sink or self.dispatcher
        self._data_channels = self.peer.data_channels
        self._channels: dict[Channel, weakref.ref[DataChannel]] = {}
        self._kept_channels: dict[DataChannel, None] = {}
        self._in_progress: dict[DataChannel, None] = {}
        self._changed: Signal | None = None
        self._failure: str | None = None
        self.driver = Driver(
            self.peer,
            self.runtime,
            self,
            self._socket_source(udp_mux),
            configuration.network,
        )

    def __del__(self) -> None:
        driver = self.__dict__.get("driver")
        if driver is None or driver.released:
            return
        if not driver.has_resources:
            return
        warnings.warn(
            f"a connection was dropped without close() ({self.peer.connection_state})",
            ResourceWarning,
            source=self,
            stacklevel=1,
        )
        if not self.runtime.get().run_threadsafe(driver.close):
            driver.release()

    def _socket_source(self, udp_mux: UdpMux | None) -> SocketSource:
        if udp_mux is None:
            return OwnSockets(self.runtime, self.configuration)
        peer = self.peer
        return udp_mux.source(lambda: peer.local_username_fragments)

    # For the connection.

    async def negotiate(self, command: Callable[[float], None]) -> None:
        """Run one negotiation command, then the handlers it triggered to their first suspension.

        Gathering starts after that, so that candidates follow the description they belong to.
        """
        async with self.operations:
            command(self.driver.now())
            try:
                self.driver.drain()
                await self.dispatcher.settle()
            finally:
                self.driver.gather_soon()

    async def create(self, command: Callable[[], SessionDescription]) -> SessionDescription:
        """Return the description that a negotiation command makes."""
        async with self.operations:
            description = command()
            if self.configuration.ice_candidate_pool_size:
                self.driver.drain()
                self.driver.gather_soon()
            return description

    def command(self, command: Callable[[], None]) -> None:
        """Run a command that needs no time, and deliver what it caused."""
        command()
        if self.peer.local_description is not None:
            self.driver.drain()

    def set_configuration(self, configuration: Configuration) -> None:
        """Take another configuration."""
        self.peer.set_configuration(configuration)
        self.configuration = configuration

    def create_data_channel(self, create: Callable[[float], Channel]) -> DataChannel:
        """Make a channel of this side."""
        public = self._public(create(self.driver.now()))
        self.driver.drain()
        return public

    def start_close(self) -> None:
        """Say goodbye and release everything; idempotent."""
        self.driver.close()

    async def wait_closed(self) -> None:
        """Wait until the connection is closed, and for its handlers unless called from one."""
        await self.wait_until(lambda: self.driver.released)
        if not self.scope.is_inside:
            await self.scope.wait_finished()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition``, looked at again after each change of state."""
        while not condition():
            if self._changed is None:
                self._changed = self.scope.new_event()
            await self._changed.wait()

    def explain(self) -> str:
        """Return a report of what the connection does, or of how it failed."""
        return self._failure or explain_peer(self.peer, self.configuration)

    def build_stats(self) -> StatsReport:
        """Return the statistics, with the wall clock's time."""
        return build_stats(self.peer, time.time() * 1000.0)

    # For the channels.

    def send_message(self, channel: Channel, message: Message) -> None:
        """Queue a message; it leaves at once when nothing else is under way.

        So a lone message does not wait, and those that follow in the same turn of the loop share
        packets.
        """
        if channel.buffered_amount and channel.reliable:
            # What waits on the channel has a flush coming, or will be let go by the other side.
            self._data_channels.send(channel, message, 0.0)
            return
        idle = self.peer.nothing_is_under_way
        # Only a limited lifetime has to do with the time of the call.
        now = 0.0 if channel.lifetime is None else self.driver.now()
        self.peer.send(channel, message, now)
        if idle:
            self.driver.drain()
        else:
            self.driver.flush_soon()

    def read_message(self, channel: Channel) -> str | bytes | None:
        """Take the next message; a window that was low opens within this turn of the loop."""
        channels = self._data_channels
        if channels.unsettled:
            # The time of the call does not matter: the window opens when the peer is drained.
            return channels.read(channel, 0.0)
        if not channel.inbox:
            return None
        message = self.peer.read(channel, 0.0)
        if self.peer.receive_window_is_low:
            self.driver.flush_soon()
        return message

    def close_channel(self, channel: Channel) -> None:
        """Begin to close a channel."""
        self.peer.close_channel(channel, self.driver.now())
        self.driver.drain()

    def discard_messages(self, channel: Channel) -> None:
        """Open the window for messages that nobody can read any more; from any thread."""
        if not self.driver.released:
            self.runtime.get().run_threadsafe(partial(self._discard_messages, channel))

    def _discard_messages(self, channel: Channel) -> None:
        while self.read_message(channel) is not None:
            pass

    def keep_channel(self, channel: DataChannel) -> None:
        """Hold a channel that has handlers until it is closed, whether or not the user does."""
        self._kept_channels[channel] = None

    def await_progress(self, channel: DataChannel) -> None:
        """Let the channel look for room after each drain."""
        self._in_progress[channel] = None

    # For the driver.

    def handle_event(self, event: core.Event) -> None:
        """Bring the public objects up to date, then tell the sink."""
        self._tell(self._HANDLERS[type(event)](self, event))

    def handle_progress(self) -> None:
        """Let the channels that wait for room use it."""
        if self._in_progress:
            self._in_progress = {each: None for each in self._in_progress if each._on_progress()}

    def handle_release(self) -> None:
        """Let go of everything: what the user still holds refers to nothing of ours any more."""
        _logger.info("connection closed: %s", self.peer.close_reason)
        for reference in self._channels.values():
            channel = reference()
            if channel is not None:
                channel._detach_host()
        self._channels.clear()
        self._kept_channels.clear()
        self._in_progress.clear()
        self._sink = None
        self._wake()
        self.scope.close(self.dispatcher.release)

    def _tell(self, event: events.Event) -> None:
        if self._sink is None:
            return
        try:
            self._sink.deliver(event)
        except Exception:
            _handler_logger.exception("the event sink raised on %s", type(event).__name__)

    def _wake(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None:
            changed.set()

    def _public(self, channel: Channel) -> DataChannel:
        """Return the public object of a channel; one that nobody held is made again."""
        reference = self._channels.get(channel)
        public = None if reference is None else reference()
        if public is None:
            public = DataChannel(channel, self, self.configuration.send_high_water)
            self._channels[channel] = weakref.ref(public)
        return public

    def _state_changed(self, event: core.Event) -> core.Event:
        self._wake()
        return event

    def _connection_changed(self, event: core.ConnectionStateChanged) -> core.Event:
        _logger.info("connection state %s", event.state)
        if event.state is ConnectionState.FAILED:
            self._failure = explain_peer(self.peer, self.configuration)
            _ice_logger.info("%s", self._failure)
        elif event.state is not ConnectionState.CLOSED:
            self._failure = None
        self._wake()
        return event

    def _ice_changed(self, event: core.IceConnectionStateChanged) -> core.Event:
        _ice_logger.info("ICE connection state %s", event.state)
        self._wake()
        return event

    def _candidate_gathered(self, event: core.IceCandidateGathered) -> events.IceCandidateFound:
        return events.IceCandidateFound(event.candidate)

    def _candidate_failed(self, event: core.IceCandidateFailed) -> core.Event:
        error = event.error
        _ice_logger.warning(
            "no candidate from %s: %d %s", error.url, error.error_code, printable(error.error_text)
        )
        return event

    def _channel_announced(self, event: core.ChannelAnnounced) -> events.DataChannelAnnounced:
        return events.DataChannelAnnounced(self._public(event.channel))

    def _channel_opened(self, event: core.ChannelOpened) -> events.ChannelOpened:
        public = self._public(event.channel)
        public._on_state_change()
        return events.ChannelOpened(public)

    def _channel_readable(self, event: core.ChannelReadable) -> events.MessageAvailable:
        public = self._public(event.channel)
        public._on_readable()
        return events.MessageAvailable(public)

    def _channel_closing(self, event: core.ChannelClosing) -> events.ChannelClosing:
        public = self._public(event.channel)
        public._on_state_change()
        return events.ChannelClosing(public)

    def _channel_closed(self, event: core.ChannelClosed) -> events.ChannelClosed:
        public = self._public(event.channel)
        public._on_state_change()
        del self._channels[event.channel]
        self._kept_channels.pop(public, None)
        return events.ChannelClosed(public)

    def _buffered_amount_low(self, event: core.BufferedAmountLow) -> events.BufferedAmountLow:
        public = self._public(event.channel)
        public._on_buffered_amount_low()
        return events.BufferedAmountLow(public)

    _HANDLERS: ClassVar[dict[type, Callable[[Any, Any], Any]]] = {
        core.SignalingStateChanged: _state_changed,
        core.IceGatheringStateChanged: _state_changed,
        core.IceConnectionStateChanged: _ice_changed,
        core.ConnectionStateChanged: _connection_changed,
        core.IceCandidateGathered: _candidate_gathered,
        core.IceCandidateFailed: _candidate_failed,
        core.NegotiationNeeded: _state_changed,
        core.ChannelAnnounced: _channel_announced,
        core.ChannelOpened: _channel_opened,
        core.ChannelReadable: _channel_readable,
        core.ChannelClosing: _channel_closing,
        core.ChannelClosed: _channel_closed,
        core.BufferedAmountLow: _buffered_amount_low,
    }
