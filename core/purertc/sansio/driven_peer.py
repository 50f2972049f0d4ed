"""A peer as the owner of its sockets drives it: the five verbs, and news of the local network."""

from collections.abc import Sequence

from purertc.sansio.config import Configuration
from purertc.sansio.connection_state import connection_state
from purertc.sansio.datachannel import DataChannels
from purertc.sansio.dtls import Certificate, DtlsState, DtlsStateChanged
from purertc.sansio.entropy import Entropy
from purertc.sansio.events import (
    ConnectionStateChanged,
    Event,
    IceConnectionStateChanged,
    SignalingStateChanged,
)
from purertc.sansio.ice.connectivity import CandidateFound
from purertc.sansio.ice.events import IceStateChanged
from purertc.sansio.ice.gathering import GatheringFinished
from purertc.sansio.ice_restart import IceRestart
from purertc.sansio.jsep import Negotiator
from purertc.sansio.link import Link
from purertc.sansio.streams import Stream
from purertc.sansio.transport import PeerTransport
from purertc.sansio.trickle import Trickle
from purertc.sansio.types import (
    Address,
    ConnectionState,
    Datagram,
    IceConnectionState,
    SignalingState,
    Transmit,
)

__all__ = ["DrivenPeer"]


class DrivenPeer:
    """The machines of one peer, and what the outside world tells them.

    Network input never raises.
    """

    __slots__ = (
        "_channels",
        "_close_reason",
        "_configuration",
        "_data_deadline",
        "_data_is_drained",
        "_data_wanted",
        "_events",
        "_farewell",
        "_ice_state",
        "_link",
        "_negotiation_needed",
        "_negotiator",
        "_restart",
        "_sent_at",
        "_sent_nothing",
        "_state",
        "_transport",
        "_trickle",
    )

    def __init__(
        self, configuration: Configuration, *, certificate: Certificate, entropy: Entropy
    ) -> None:
        self._configuration = configuration
        self._transport = PeerTransport(configuration, certificate, entropy)
        self._channels = DataChannels(self._transport.sctp)
        self._negotiator = Negotiator(
            entropy=entropy,
            fingerprints=certificate.fingerprints,
            max_message_size=configuration.max_message_size,
        )
        self._events: list[Event] = []
        self._farewell: list[Transmit] = []
        self._trickle = Trickle(
            self._negotiator,
            self._transport.connectivity,
            self._events,
            resolve_names=configuration.network.resolve_mdns,
        )
        self._restart = IceRestart(entropy)
        self._state = ConnectionState.NEW
        self._ice_state = IceConnectionState.NEW
        # What the transport was started with; it lasts when a later exchange rejects the data.
        self._link: Link | None = None
        self._data_wanted = False
        self._negotiation_needed = False
        self._close_reason: str | None = None
        # Whether nothing has touched the data since all of it was sent that may be sent, and when
        # its machines want to be called next. So what concerns the path alone costs no more.
        self._data_is_drained = False
        self._data_deadline: float | None = None
        self._sent_at: float | None = None
        self._sent_nothing = False

    # The five verbs.

    def receive(self, datagrams: Sequence[Datagram], now: float) -> None:
        """Take in what one read of the network gave."""
        if self._state is ConnectionState.CLOSED:
            return
        self._after(now, data_touched=self._transport.receive(datagrams, now))

    def handle_timeout(self, now: float) -> None:
        """Run what is due at ``now``; calling too early or too often does no harm."""
        if self._state is ConnectionState.CLOSED:
            return
        transport = self._transport
        transport.handle_path_timeout(now)
        due = self._data_deadline
        if not self._data_is_drained or (due is not None and due <= now):
            # The path may have been lost meanwhile, and nothing is due without one.
            due = self._data_deadline = transport.data_deadline()
        if due is not None and due <= now:
            transport.handle_data_timeout(now)
            self._after(now, data_touched=True)
        else:
            self._after(now, data_touched=False)

    def transmits(self, now: float) -> list[Transmit]:
        """Return the next batch to send, in order; call again until the list is empty.

        Or until :attr:`has_more_transmits` is false, which saves a call.
        """
        if self._farewell:
            farewell, self._farewell = self._farewell, []
            return farewell
        if self._state is ConnectionState.CLOSED:
            return []
        transport = self._transport
        if self._sent_at is not None:
            self._after_sending()
        if self._data_is_drained and transport.connectivity.is_plain:
            checks = transport.connectivity.transmits(now)
            # The first check over TCP wants a stream.
            self._collect_connectivity_events(now)
            return checks
        if self._channels.unsettled:
            self._channels.settle(now)
        batch = transport.transmits(now)
        # What follows from sending can wait until the packets are on their way.
        self._sent_at = now
        self._sent_nothing = not batch
        return batch

    @property
    def has_more_transmits(self) -> bool:
        """Whether another call of :meth:`transmits` may give something at the same time."""
        if self._state is ConnectionState.CLOSED:
            return bool(self._farewell)
        if self._sent_at is not None:
            self._after_sending()
        return not self._data_is_drained

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None when nothing is pending."""
        if self._state is ConnectionState.CLOSED:
            return None
        if self._sent_at is not None:
            self._after_sending()
        path = self._transport.connectivity.next_deadline()
        data = self._data_deadline if self._data_is_drained else self._transport.data_deadline()
        if path is None or data is None:
            return data if path is None else path
        return min(path, data)

    def deadlines(self) -> dict[str, float]:
        """Return the pending deadlines by the layer that wants them."""
        return {} if self._state is ConnectionState.CLOSED else self._transport.deadlines()

    def next_event(self) -> Event | None:
        """Return the oldest event not yet returned, or None."""
        if self._sent_at is not None:
            self._after_sending()
        return self._events.pop(0) if self._events else None

    # The local network, for the owner.

    def add_local_address(self, address: Address, now: float) -> None:
        """Tell of a bound UDP socket; again after an ICE restart."""
        self._transport.connectivity.add_local_address(address, now)
        self._settle(now)

    def add_tcp_listener(self, address: Address, now: float) -> None:
        """Tell of a listening TCP socket."""
        self._transport.connectivity.add_tcp_listener(address, now)
        self._settle(now)

    def remove_local_address(self, address: Address, now: float) -> None:
        """Tell that a socket is gone."""
        self._transport.connectivity.remove_local_address(address, now)
        self._settle(now)

    def end_of_local_addresses(self, now: float) -> None:
        """Tell that all sockets are bound."""
        self._transport.connectivity.end_of_local_addresses(now)
        self._settle(now)

    def lookup_done(self, host: str, port: int, addresses: Sequence[Address], now: float) -> None:
        """Tell the numeric addresses of a name that was wanted, the favourite first."""
        self._trickle.lookup_done(host, [address for address, _ in addresses], now)
        self._transport.connectivity.lookup_done(host, port, addresses, now)
        self._settle(now)

    def lookup_failed(self, host: str, port: int, reason: str, now: float) -> None:
        """Tell that a name that was wanted has no address, and why."""
        self._trickle.lookup_failed(host)
        self._transport.connectivity.lookup_failed(host, port, reason, now)
        self._settle(now)

    def stream_accepted(self, listener: Address, remote: Address, now: float) -> Stream | None:
        """Tell of a TCP connection to a listener; None means to close it."""
        if self._state is ConnectionState.CLOSED:
            return None
        return self._transport.connectivity.stream_accepted(listener, remote, now)

    def stream_opened(self, stream: Stream, local: Address, now: float) -> None:
        """Tell that a wanted stream is connected, from which address."""
        if self._state is not ConnectionState.CLOSED:
            self._transport.connectivity.stream_opened(stream, local, now)
            self._settle(now)

    def receive_stream(self, stream: Stream, data: bytes, now: float) -> None:
        """Take in bytes of a stream."""
        if self._state is not ConnectionState.CLOSED:
            self._transport.receive_stream(stream, data, now)
            self._settle(now)

    def stream_closed(self, stream: Stream, reason: str, now: float) -> None:
        """Tell that a stream ended or could not be connected, and why."""
        if self._state is not ConnectionState.CLOSED:
            self._transport.connectivity.stream_closed(stream, reason, now)
            self._settle(now)

    # Inside.

    def close(self, now: float, reason: str = "this side closed the connection") -> None:
        """Close for good. The goodbyes are in the next :meth:`transmits`; repeating is harmless."""
        if self._state is ConnectionState.CLOSED:
            return
        if self._close_reason is None:
            self._close_reason = reason
        self._farewell = self._transport.close(now)
        self._collect_connectivity_events(now)
        self._negotiator.close()
        self._events.append(SignalingStateChanged(SignalingState.CLOSED))
        self._channels.association_lost(reason)
        self._collect_channel_events()
        self._set_ice_state(IceConnectionState.CLOSED)
        self._set_state(ConnectionState.CLOSED)

    def _after_sending(self) -> None:
        """Settle what :meth:`transmits` has caused, as soon as anybody asks for it."""
        now, self._sent_at = self._sent_at, None
        if now is None or self._state is ConnectionState.CLOSED:
            return
        transport = self._transport
        if not self._sent_nothing or transport.sent_indirectly:
            self._channels.handle(now)
            self._collect_channel_events()
        elif not transport.had_data and not transport.connectivity.has_events:
            self._data_is_drained = True
            self._data_deadline = transport.data_deadline()
            return
        self._collect_connectivity_events(now)
        if not transport.has_data and (self._sent_nothing or not transport.has_more_checks):
            self._data_is_drained = True
            self._data_deadline = transport.data_deadline()

    def _after(self, now: float, *, data_touched: bool) -> None:
        """Settle what the network or a timer has done.

        An idle connection has its path checked and nothing else, for hours.
        """
        if self._transport.connectivity.has_events:
            self._settle(now)
        elif data_touched:
            self._settle_data(now)

    def _settle(self, now: float) -> None:
        """Carry what one layer says to the others, and into events."""
        self._collect_connectivity_events(now)
        self._settle_data(now)

    def _touch_data(self) -> None:
        """Note that there may be something to send again."""
        if self._sent_at is not None:
            self._after_sending()
        self._data_is_drained = False

    def _settle_data(self, now: float) -> None:
        self._touch_data()
        while (dtls_event := self._transport.dtls.next_event()) is not None:
            self._on_dtls_state(dtls_event, now)
            if self._state is ConnectionState.CLOSED:
                return
        self._channels.handle(now)
        self._collect_channel_events()

    def _collect_connectivity_events(self, now: float) -> None:
        connectivity = self._transport.connectivity
        while connectivity.has_events:
            event = connectivity.next_event(now)
            if event is None:
                continue
            if isinstance(event, CandidateFound):
                self._trickle.found(event.candidate)
            elif isinstance(event, GatheringFinished):
                self._trickle.finished()
            elif isinstance(event, IceStateChanged):
                self._on_ice_state(event, now)
            else:
                self._events.append(event)

    def _on_ice_state(self, event: IceStateChanged, now: float) -> None:
        if event.state is IceConnectionState.CLOSED:
            return
        if event.state is IceConnectionState.FAILED:
            self._close_reason = event.reason
        elif self._ice_state is IceConnectionState.FAILED:
            self._close_reason = None
        self._transport.ice_changed(now)
        self._set_ice_state(event.state)
        self._set_state(connection_state(self._ice_state, self._transport.dtls.state))

    def _on_dtls_state(self, event: DtlsStateChanged, now: float) -> None:
        if event.state is DtlsState.CONNECTED:
            self._transport.sctp.connect(now)
        elif event.state is DtlsState.FAILED:
            self._close_reason = event.reason
            self._channels.association_lost(event.reason)
        elif event.state is DtlsState.CLOSED:
            self._channels.handle(now)
            self._collect_channel_events()
            self.close(now, event.reason)
            return
        self._set_state(connection_state(self._ice_state, self._transport.dtls.state))

    def _collect_channel_events(self) -> None:
        self._events += self._channels.take_events()

    def _set_ice_state(self, state: IceConnectionState) -> None:
        if state is not self._ice_state:
            self._ice_state = state
            self._events.append(IceConnectionStateChanged(state))

    def _set_state(self, state: ConnectionState) -> None:
        if state is not self._state:
            self._state = state
            self._events.append(ConnectionStateChanged(state))
