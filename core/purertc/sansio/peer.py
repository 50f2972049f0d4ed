"""The composition root: one WebRTC peer as a machine without I/O.

Five verbs carry it: :meth:`Peer.receive`, :meth:`Peer.handle_timeout`, :meth:`Peer.transmits`,
:meth:`Peer.next_deadline` and :meth:`Peer.next_event`. Commands change it. The invariant for
whoever drives it: **one mutation, then drain transmits, events and the deadline before the
next.**
"""

from collections import deque
from collections.abc import Sequence

from purertc.errors import InvalidStateError
from purertc.sansio.applied import Applied
from purertc.sansio.config import Configuration
from purertc.sansio.connection_state import connection_state
from purertc.sansio.datachannel import Channel, DataChannels
from purertc.sansio.description import IceCandidate, SessionDescription
from purertc.sansio.dtls import Certificate, DtlsState, DtlsStateChanged
from purertc.sansio.entropy import Entropy
from purertc.sansio.events import (
    ConnectionStateChanged,
    Event,
    GatheringWanted,
    IceCandidateGathered,
    IceConnectionStateChanged,
    IceGatheringStateChanged,
    NegotiationNeeded,
    SignalingStateChanged,
)
from purertc.sansio.ice import IceStateChanged
from purertc.sansio.jsep import Negotiator
from purertc.sansio.link import Link
from purertc.sansio.session import RemoteSession
from purertc.sansio.transport import PeerTransport
from purertc.sansio.types import (
    Address,
    ConnectionState,
    Datagram,
    IceConnectionState,
    IceGatheringState,
    SignalingState,
    Transmit,
)
from purertc.wire.candidate import Candidate

__all__ = ["Peer"]

_MAX_EARLY_CANDIDATES = 100


class Peer:
    """One side of a WebRTC connection (W3C webrtc-pc section 4.4), data channels only.

    ``now`` is in seconds of any clock that only goes forward. ``entropy`` gives random bytes.
    Network input never raises; callers' mistakes raise before anything has changed.
    """

    __slots__ = (
        "_channels",
        "_close_reason",
        "_data_wanted",
        "_early_candidates",
        "_events",
        "_farewell",
        "_gathering_state",
        "_ice_state",
        "_link",
        "_negotiation_needed",
        "_negotiator",
        "_state",
        "_transport",
    )

    def __init__(
        self, configuration: Configuration, *, certificate: Certificate, entropy: Entropy
    ) -> None:
        self._transport = PeerTransport(configuration, certificate, entropy)
        self._channels = DataChannels(self._transport.sctp)
        self._negotiator = Negotiator(
            entropy=entropy,
            fingerprints=certificate.fingerprints,
            max_message_size=configuration.max_message_size,
        )
        self._events: deque[Event] = deque()
        self._farewell: list[Transmit] = []
        self._early_candidates: list[Candidate | None] = []
        self._state = ConnectionState.NEW
        self._ice_state = IceConnectionState.NEW
        self._gathering_state = IceGatheringState.NEW
        # What the transport was started with; it lasts when a later exchange rejects the data.
        self._link: Link | None = None
        self._data_wanted = False
        self._negotiation_needed = False
        self._close_reason: str | None = None

    # The five verbs.

    def receive(self, datagrams: Sequence[Datagram], now: float) -> None:
        """Take in what one read of the network gave."""
        if self._state is ConnectionState.CLOSED:
            return
        self._transport.receive(datagrams, now)
        self._settle(now)

    def handle_timeout(self, now: float) -> None:
        """Run what is due at ``now``; calling too early or too often does no harm."""
        if self._state is ConnectionState.CLOSED:
            return
        self._transport.handle_timeout(now)
        self._settle(now)

    def transmits(self, now: float) -> list[Transmit]:
        """Return the next batch to send, in order; call again until the list is empty."""
        if self._farewell:
            farewell, self._farewell = self._farewell, []
            return farewell
        if self._state is ConnectionState.CLOSED:
            return []
        batch = self._transport.transmits(now)
        if batch:
            self._channels.handle(now)
            self._collect_channel_events()
        return batch

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None when nothing is pending."""
        return min(self.deadlines().values(), default=None)

    def deadlines(self) -> dict[str, float]:
        """Return the pending deadlines by the layer that wants them."""
        return {} if self._state is ConnectionState.CLOSED else self._transport.deadlines()

    def next_event(self) -> Event | None:
        """Return the oldest event not yet returned, or None."""
        return self._events.popleft() if self._events else None

    # What can be read at any time.

    @property
    def connection_state(self) -> ConnectionState:
        """The connection as a whole."""
        return self._state

    @property
    def ice_connection_state(self) -> IceConnectionState:
        """The ICE transport."""
        return self._ice_state

    @property
    def ice_gathering_state(self) -> IceGatheringState:
        """How far the gathering of local candidates has come."""
        return self._gathering_state

    @property
    def has_nothing_to_gather(self) -> bool:
        """Whether a local description is set that needs no candidates: it has no data section."""
        return (
            self._gathering_state is IceGatheringState.NEW
            and self.local_description is not None
            and self._negotiator.data_section is None
        )

    @property
    def signaling_state(self) -> SignalingState:
        """How far the offer/answer exchange has come."""
        return self._negotiator.signaling_state

    @property
    def descriptions(self) -> Negotiator:
        """The negotiator, for its current and pending descriptions."""
        return self._negotiator

    @property
    def local_description(self) -> SessionDescription | None:
        """The pending local description, else the current one, with the candidates so far."""
        return self._negotiator.local_description

    @property
    def remote_description(self) -> SessionDescription | None:
        """The pending remote description, else the current one."""
        return self._negotiator.remote_description

    @property
    def close_reason(self) -> str | None:
        """Why the connection failed or closed; None while it has not."""
        return self._close_reason

    @property
    def transport(self) -> PeerTransport:
        """The machines below, for statistics."""
        return self._transport

    @property
    def local_username_fragments(self) -> frozenset[str]:
        """What requests to this side begin their user name with (RFC 8445 section 7.2.2)."""
        return frozenset((self._transport.ice.local_parameters.username_fragment,))

    @property
    def data_channels(self) -> DataChannels:
        """The data channels, for statistics."""
        return self._channels

    # Negotiation.

    def create_offer(self) -> SessionDescription:
        """Return an offer (W3C webrtc-pc section 4.4.2). Raises InvalidStateError."""
        return self._negotiator.create_offer(
            self._transport.ice.local_parameters, data=self._data_wanted
        )

    def create_answer(self) -> SessionDescription:
        """Return an answer to the remote offer. Raises InvalidStateError."""
        return self._negotiator.create_answer(self._transport.ice.local_parameters)

    def set_local_description(self, description: SessionDescription | None, now: float) -> None:
        """Apply an offer or answer of this side; None makes the one that is due.

        The first one starts gathering. Raises InvalidStateError or SdpError.
        """
        before = self.signaling_state
        applied = self._negotiator.set_local_description(
            description, self._transport.ice.local_parameters, data=self._data_wanted
        )
        self._apply(applied, before, now)
        if applied.data_accepted and self._gathering_state is IceGatheringState.NEW:
            self._set_gathering_state(IceGatheringState.GATHERING)
            self._events.append(GatheringWanted())

    def set_remote_description(self, description: SessionDescription, now: float) -> None:
        """Apply an offer or answer of the other side. Raises InvalidStateError or SdpError.

        An ICE restart, another certificate or another SCTP port are refused with SdpError.
        """
        before = self.signaling_state
        applied = self._negotiator.set_remote_description(description, self._check_transport)
        self._apply(applied, before, now)

    def add_ice_candidate(self, candidate: IceCandidate | None, now: float) -> None:
        """Take a candidate of the other side; None or an empty one says that was the last.

        Raises InvalidStateError before a remote description is set, SdpError or ArgumentError
        for a candidate that cannot be read or belongs to no section (W3C section 4.4.2).
        """
        candidate = candidate or IceCandidate()
        parsed = Candidate.parse(candidate.candidate) if candidate.candidate else None
        if not self._is_for_transport(candidate):
            return
        if self._transport.ice.remote_parameters is None:
            del self._early_candidates[_MAX_EARLY_CANDIDATES:]
            self._early_candidates.append(parsed)
            return
        self._add_remote_candidate(parsed, now)
        self._settle(now)

    # Local addresses.

    def add_local_address(self, address: Address, now: float) -> None:
        """Tell of a bound UDP socket; its host candidate is signalled."""
        candidate = str(self._transport.ice.add_local_address(address, now))
        self._negotiator.add_local_candidate(candidate)
        mid, index = self._negotiator.data_section or (None, None)
        ufrag = self._transport.ice.local_parameters.username_fragment
        self._events.append(IceCandidateGathered(IceCandidate(candidate, mid, index, ufrag)))
        self._settle(now)

    def remove_local_address(self, address: Address, now: float) -> None:
        """Tell that a socket is gone."""
        self._transport.ice.remove_local_address(address, now)
        self._settle(now)

    def end_of_local_addresses(self, now: float) -> None:
        """Tell that all sockets are bound: gathering is complete."""
        if self._gathering_state is not IceGatheringState.GATHERING:
            return
        self._negotiator.end_of_local_candidates()
        self._transport.ice.end_of_local_candidates(now)
        self._set_gathering_state(IceGatheringState.COMPLETE)
        self._events.append(IceCandidateGathered(None))
        self._settle(now)

    # Data channels.

    def create_data_channel(
        self,
        label: str,
        *,
        now: float,
        ordered: bool = True,
        max_packet_life_time: int | None = None,
        max_retransmits: int | None = None,
        protocol: str = "",
        negotiated: bool = False,
        id: int | None = None,
    ) -> Channel:
        """Make a data channel (W3C webrtc-pc section 6.1).

        Raises ArgumentError, and InvalidStateError after the close.
        """
        if self._state is ConnectionState.CLOSED:
            raise InvalidStateError("the connection is closed")
        channel = self._channels.create(
            label,
            ordered=ordered,
            max_packet_life_time=max_packet_life_time,
            max_retransmits=max_retransmits,
            protocol=protocol,
            negotiated=negotiated,
            id=id,
            now=now,
        )
        self._data_wanted = True
        self._collect_channel_events()
        self._update_negotiation_needed()
        return channel

    def send(
        self, channel: Channel, data: str | bytes | bytearray | memoryview, now: float
    ) -> None:
        """Queue a message. Raises ChannelClosed, InvalidStateError, MessageTooLarge."""
        self._channels.send(channel, data, now)

    def read(self, channel: Channel, now: float) -> str | bytes | None:
        """Take the oldest unread message, or None; reading opens the receive window."""
        return self._channels.read(channel, now)

    def close_channel(self, channel: Channel, now: float) -> None:
        """Begin to close a channel; what is queued is still sent (RFC 8831 section 6.7)."""
        self._channels.close(channel, now)
        self._collect_channel_events()

    def close(self, now: float, reason: str = "this side closed the connection") -> None:
        """Close for good. The goodbyes are in the next :meth:`transmits`; repeating is harmless."""
        if self._state is ConnectionState.CLOSED:
            return
        if self._close_reason is None:
            self._close_reason = reason
        self._farewell = self._transport.close(now)
        self._negotiator.close()
        self._events.append(SignalingStateChanged(SignalingState.CLOSED))
        self._channels.association_lost(reason)
        self._collect_channel_events()
        self._set_ice_state(IceConnectionState.CLOSED)
        self._set_state(ConnectionState.CLOSED)

    # Inside.

    def _apply(self, applied: Applied, before: SignalingState, now: float) -> None:
        """Hand what was negotiated to the transport."""
        after = self.signaling_state
        if self._transport.ice.remote_parameters is None and after is not SignalingState.STABLE:
            # The other side's checks may come before its answer, and need the right role.
            self._transport.ice.set_role(controlling=after is SignalingState.HAVE_LOCAL_OFFER)
        if applied.rolled_back and after is not SignalingState.STABLE:
            self._events.append(SignalingStateChanged(SignalingState.STABLE))
        if after is not before or (applied.rolled_back and after is not SignalingState.STABLE):
            self._events.append(SignalingStateChanged(after))
        if applied.rolled_back:
            self._early_candidates.clear()
        elif applied.transport_ready and applied.remote is not None:
            self._start_transport(applied.remote, applied, now)
        self._settle(now)
        self._update_negotiation_needed()

    def _start_transport(self, remote: RemoteSession, applied: Applied, now: float) -> None:
        client = applied.dtls_client is True
        ice = self._transport.ice
        if self._link is None:
            self._link = Link(remote, client, applied.controlling)
            ice.set_role(controlling=applied.controlling)
            ice.set_remote_parameters(remote.ice, now)
        candidates = [Candidate.parse(text) for text in remote.candidates]
        early, self._early_candidates = self._early_candidates, []
        for candidate in [*candidates, *early, *([None] if remote.end_of_candidates else [])]:
            self._add_remote_candidate(candidate, now)
        self._channels.remote_max_message_size = remote.max_message_size
        self._transport.sctp.remote_port = remote.sctp_port
        self._channels.set_role(dtls_client=client, now=now)
        self._transport.start_dtls(client=client, fingerprints=remote.fingerprints, now=now)

    def _check_transport(self, data: RemoteSession) -> None:
        if self._link is not None:
            self._link.check_kept_by(data)
            self._link.check_transport_kept_by(data)

    def _is_for_transport(self, candidate: IceCandidate) -> bool:
        """Check the section a candidate names; one that names none may only end them all."""
        named = candidate.sdp_mid is not None or candidate.sdp_m_line_index is not None
        if named or candidate.candidate:
            return self._negotiator.candidate_section(
                sdp_mid=candidate.sdp_mid,
                sdp_m_line_index=candidate.sdp_m_line_index,
                username_fragment=candidate.username_fragment,
            )
        if self.signaling_state is SignalingState.CLOSED:
            raise InvalidStateError("the connection is closed")
        if self.remote_description is None:
            raise InvalidStateError("candidates come after the remote description")
        return True

    def _add_remote_candidate(self, candidate: Candidate | None, now: float) -> None:
        if candidate is None:
            self._transport.ice.end_of_remote_candidates(now)
        else:
            self._transport.ice.add_remote_candidate(candidate, now)

    def _update_negotiation_needed(self) -> None:
        """W3C webrtc-pc section 4.7.3: said once until an exchange has met the need."""
        if self.signaling_state is not SignalingState.STABLE:
            return
        needed = self._negotiator.negotiation_needed(self._data_wanted)
        if needed and not self._negotiation_needed:
            self._events.append(NegotiationNeeded())
        self._negotiation_needed = needed

    def _settle(self, now: float) -> None:
        """Carry what one layer says to the others, and into events."""
        while (ice_event := self._transport.ice.next_event()) is not None:
            if isinstance(ice_event, IceStateChanged):
                self._on_ice_state(ice_event, now)
        while (dtls_event := self._transport.dtls.next_event()) is not None:
            self._on_dtls_state(dtls_event, now)
            if self._state is ConnectionState.CLOSED:
                return
        self._channels.handle(now)
        self._collect_channel_events()

    def _on_ice_state(self, event: IceStateChanged, now: float) -> None:
        if event.state is IceConnectionState.FAILED:
            self._close_reason = event.reason
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
        while (event := self._channels.next_event()) is not None:
            self._events.append(event)

    def _set_gathering_state(self, state: IceGatheringState) -> None:
        self._gathering_state = state
        self._events.append(IceGatheringStateChanged(state))

    def _set_ice_state(self, state: IceConnectionState) -> None:
        if state is not self._ice_state:
            self._ice_state = state
            self._events.append(IceConnectionStateChanged(state))

    def _set_state(self, state: ConnectionState) -> None:
        if state is not self._state:
            self._state = state
            self._events.append(ConnectionStateChanged(state))
