"""The composition root: one WebRTC peer as a machine without I/O.

Five verbs carry it: :meth:`Peer.receive`, :meth:`Peer.handle_timeout`, :meth:`Peer.transmits`,
:meth:`Peer.next_deadline` and :meth:`Peer.next_event`. Commands change it. The invariant for
whoever drives it: **one mutation, then drain transmits, events and the deadline before the
next.**
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from purertc.errors import ArgumentError, InvalidStateError
from purertc.sansio.applied import Applied
from purertc.sansio.channels.options import check_options
from purertc.sansio.config import Configuration
from purertc.sansio.datachannel import Channel, DataChannels
from purertc.sansio.description import IceCandidate, SessionDescription
from purertc.sansio.driven_peer import DrivenPeer
from purertc.sansio.events import (
    NegotiationNeeded,
    SignalingStateChanged,
)
from purertc.sansio.ice.candidate_source import CandidateSource
from purertc.sansio.jsep import Negotiator
from purertc.sansio.link import Link
from purertc.sansio.session import RemoteSession
from purertc.sansio.transport import PeerTransport
from purertc.sansio.types import (
    Address,
    ConnectionState,
    IceCandidateError,
    IceConnectionState,
    IceGatheringState,
    IceParameters,
    SignalingState,
)
from purertc.wire.candidate import Candidate

__all__ = ["Peer"]


class Peer(DrivenPeer):
    """One side of a WebRTC connection (W3C webrtc-pc section 4.4), data channels only.

    ``now`` is in seconds of any clock that only goes forward. ``entropy`` gives random bytes.
    Network input never raises; callers' mistakes raise before anything has changed.
    """

    __slots__ = ()

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
        return self._trickle.gathering_state

    @property
    def has_nothing_to_gather(self) -> bool:
        """Whether a local description is set that needs no candidates: it has no data section."""
        return (
            self.ice_gathering_state is IceGatheringState.NEW
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
    def candidate_errors(self) -> Sequence[IceCandidateError]:
        """What STUN and TURN servers answered, or did not, in place of a candidate."""
        return tuple(self._transport.connectivity.errors)

    @property
    def candidate_sources(self) -> Mapping[Address, CandidateSource]:
        """Which server gave a local candidate, by its address."""
        return self._transport.connectivity.sources

    @property
    def unresolved_names(self) -> Sequence[str]:
        """Hosts of remote candidates that no multicast DNS answer came for."""
        return tuple(self._trickle.unresolved)

    @property
    def local_username_fragments(self) -> frozenset[str]:
        """What the other side's checks begin their user name with (RFC 8445 section 7.2.2).

        During an ICE restart those of both generations.
        """
        return self._transport.ice.local_username_fragments

    @property
    def nothing_is_under_way(self) -> bool:
        """Whether all that was sent on data channels has arrived."""
        return self._transport.sctp.is_drained

    @property
    def receive_window_is_low(self) -> bool:
        """Whether the other side may wait for what :meth:`read` makes room for."""
        return self._transport.sctp.receive_window_is_low

    @property
    def data_channels(self) -> DataChannels:
        """The data channels, for statistics."""
        return self._channels

    # Negotiation.

    def create_offer(self, *, ice_restart: bool = False) -> SessionDescription:
        """Return an offer (W3C webrtc-pc section 4.4.2). Raises InvalidStateError."""
        restarts = (ice_restart or self._restart.wanted) and self.local_description is not None
        ice = self._restart.propose() if restarts else self._transport.ice.local_parameters
        offer = self._negotiator.create_offer(ice, data=self._data_wanted)
        if not restarts:
            self._restart.proposed = None
        self._pool_candidates()
        return offer

    def create_answer(self) -> SessionDescription:
        """Return an answer to the remote offer. Raises InvalidStateError."""
        answer = self._negotiator.create_answer(self._answer_parameters())
        self._pool_candidates()
        return answer

    def restart_ice(self) -> None:
        """Ask for new candidates and checks with the next offer, which is needed now.

        W3C webrtc-pc section 4.4.2. Before the first description, and after the close, it does
        nothing.
        """
        if self.local_description is not None and self._state is not ConnectionState.CLOSED:
            self._restart.wanted = True
            self._update_negotiation_needed()

    def set_local_description(self, description: SessionDescription | None, now: float) -> None:
        """Apply an offer or answer of this side; None makes the one that is due.

        The first one, and each that restarts ICE, starts gathering. Raises InvalidStateError or
        SdpError.
        """
        before = self.signaling_state
        ice = self._local_parameters(description)
        applied = self._negotiator.set_local_description(description, ice, data=self._data_wanted)
        if applied.restart_rolled_back:
            self._transport.connectivity.roll_back_restart(now)
        if applied.rolled_back:
            self._restart.proposed = None
        elif ice != self._transport.ice.local_parameters:
            self._transport.connectivity.restart(now, ice)
            self._restart.proposed = None
        self._apply(applied, before, now)
        if applied.data_accepted and not applied.rolled_back:
            self._trickle.gather(now)

    def set_remote_description(self, description: SessionDescription, now: float) -> None:
        """Apply an offer or answer of the other side. Raises InvalidStateError or SdpError.

        Another certificate or another SCTP port are refused with SdpError.
        """
        before = self.signaling_state
        applied = self._negotiator.set_remote_description(description, self._check_transport)
        if applied.restart_rolled_back:
            self._transport.connectivity.roll_back_restart(now)
        if applied.rolled_back:
            self._restart.proposed = None
        self._pool_candidates()
        self._apply(applied, before, now)
        self._trickle.remote_described(now)
        self._settle(now)

    def add_ice_candidate(self, candidate: IceCandidate | None, now: float) -> None:
        """Take a candidate of the other side; None or an empty one says that was the last.

        One that comes before the remote description, or before the one that restarts ICE, waits
        for it. Raises SdpError or
        ArgumentError for a candidate that cannot be read or belongs to no section, and
        InvalidStateError after the close (W3C section 4.4.2).
        """
        self._trickle.add_remote(candidate or IceCandidate(), now)
        self._settle(now)

    def set_configuration(self, configuration: Configuration) -> None:
        """Use other servers, or another transport policy, from the next gathering on.

        W3C webrtc-pc section 4.4.2. Raises ArgumentError when anything else differs, and
        InvalidStateError after the close.
        """
        if self._state is ConnectionState.CLOSED:
            raise InvalidStateError("the connection is closed")
        allowed = replace(
            self._configuration,
            ice_servers=configuration.ice_servers,
            ice_transport_policy=configuration.ice_transport_policy,
            ice_candidate_pool_size=configuration.ice_candidate_pool_size,
            server_timeout=configuration.server_timeout,
        )
        if configuration != allowed:
            raise ArgumentError(
                "only ice_servers, ice_transport_policy, ice_candidate_pool_size and"
                " server_timeout of a connection can change; make a new connection for others"
            )
        self._configuration = configuration
        self._transport.connectivity.configure(configuration)

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
        check_options(
            label,
            max_packet_life_time=max_packet_life_time,
            max_retransmits=max_retransmits,
            protocol=protocol,
            negotiated=negotiated,
            id=id,
        )
        channel = self._channels.create(
            label,
            ordered=bool(ordered),
            max_packet_life_time=max_packet_life_time,
            max_retransmits=max_retransmits,
            protocol=protocol,
            negotiated=bool(negotiated),
            id=id,
            now=now,
        )
        self._data_wanted = True
        self._touch_data()
        self._collect_channel_events()
        self._update_negotiation_needed()
        return channel

    def send(
        self, channel: Channel, data: str | bytes | bytearray | memoryview, now: float
    ) -> None:
        """Queue a message. Raises ChannelClosed, InvalidStateError, MessageTooLarge."""
        self._channels.send(channel, data, now)
        self._touch_data()

    def read(self, channel: Channel, now: float) -> str | bytes | None:
        """Take the oldest unread message, or None; reading opens the receive window."""
        self._touch_data()
        return self._channels.read(channel, now)

    def close_channel(self, channel: Channel, now: float) -> None:
        """Begin to close a channel; what is queued is still sent (RFC 8831 section 6.7)."""
        self._channels.close(channel, now)
        self._touch_data()
        self._collect_channel_events()

    # Inside.

    def _apply(self, applied: Applied, before: SignalingState, now: float) -> None:
        """Hand what was negotiated to the transport."""
        after = self.signaling_state
        if self._link is None and after is not SignalingState.STABLE:
            # The other side's checks may come before its answer, and need the right role.
            self._transport.ice.set_role(controlling=after is SignalingState.HAVE_LOCAL_OFFER)
        if applied.rolled_back and after is not SignalingState.STABLE:
            self._events.append(SignalingStateChanged(SignalingState.STABLE))
        if after is not before or (applied.rolled_back and after is not SignalingState.STABLE):
            self._events.append(SignalingStateChanged(after))
        if applied.rolled_back:
            self._trickle.rolled_back()
        elif applied.transport_ready and applied.remote is not None:
            self._start_transport(applied.remote, applied, now)
        self._settle(now)
        # W3C webrtc-pc section 4.4.1.5: the end of an exchange clears the flag.
        self._negotiation_needed = self._negotiation_needed and after is before
        self._update_negotiation_needed()

    def _start_transport(self, remote: RemoteSession, applied: Applied, now: float) -> None:
        client = applied.dtls_client is True
        ice = self._transport.ice
        if self._link is None:
            # RFC 8445 section 6.1.1: a restart keeps the roles.
            ice.set_role(controlling=applied.controlling)
        if self._link is None or applied.ice_restarted:
            self._link = Link(remote, client, applied.controlling)
            ice.set_remote_parameters(remote.ice, now)
            self._restart.wanted = False
        for text in remote.candidates:
            self._trickle.add_described(Candidate.parse(text), now)
        self._trickle.transport_ready(now)
        if remote.end_of_candidates:
            self._trickle.add_described(None, now)
        self._channels.remote_max_message_size = remote.max_message_size
        self._transport.sctp.remote_port = remote.sctp_port
        self._channels.set_role(dtls_client=client, now=now)
        self._transport.start_dtls(client=client, fingerprints=remote.fingerprints, now=now)

    def _check_transport(self, data: RemoteSession) -> None:
        if self._link is not None:
            self._link.check_kept_by(data)
            self._link.check_transport_kept_by(data)

    def _local_parameters(self, description: SessionDescription | None) -> IceParameters:
        """Return the ICE credentials of the description that is about to be applied."""
        if self.signaling_state in (SignalingState.STABLE, SignalingState.HAVE_LOCAL_OFFER):
            implicit = description is None or not description.sdp
            if implicit and self._restart.wanted and self.local_description is not None:
                return self._restart.propose()
            return self._restart.proposed or self._transport.ice.local_parameters
        return self._answer_parameters()

    def _answer_parameters(self) -> IceParameters:
        """An ICE restart is answered with new credentials (RFC 8839 section 4.4.1.1.1)."""
        if self._negotiator.remote_wants_restart:
            return self._restart.propose()
        return self._transport.ice.local_parameters

    def _pool_candidates(self) -> None:
        if self._configuration.ice_candidate_pool_size and self.local_description is None:
            self._trickle.pool()

    def _update_negotiation_needed(self) -> None:
        """W3C webrtc-pc section 4.7.3: said once until an exchange has met the need."""
        if self.signaling_state is not SignalingState.STABLE:
            return
        needed = self._negotiator.negotiation_needed(
            self._data_wanted, ice_restart=self._restart.wanted
        )
        if needed and not self._negotiation_needed:
            self._events.append(NegotiationNeeded())
        self._negotiation_needed = needed
