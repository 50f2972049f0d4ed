"""Candidates and paths of one connection: the ICE agent, its servers and its TCP streams as one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from purertc.sansio.config import Configuration
from purertc.sansio.entropy import Entropy, random_uuid
from purertc.sansio.events import (
    HostNameWanted,
    IceCandidateFailed,
    LookupWanted,
    StreamOutput,
    StreamUnwanted,
    StreamWanted,
)
from purertc.sansio.ice.agent import IceAgent
from purertc.sansio.ice.candidate_source import CandidateSource
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.ice.events import IceStateChanged
from purertc.sansio.ice.gathering import (
    Gatherer,
    GatheringFinished,
    GatheringSettings,
    ReflexiveFound,
    RelayedFound,
    RelayLost,
)
from purertc.sansio.ice.tcp import IceTcpStreams
from purertc.sansio.network_settings import ExternalAddressType, IceTcpPolicy
from purertc.sansio.streams import Stream
from purertc.sansio.types import (
    Address,
    Datagram,
    IceCandidateError,
    IceParameters,
    IceTransportPolicy,
    Transmit,
    Transport,
)
from purertc.wire.candidate import Candidate

__all__ = ["CandidateFound", "Connectivity", "ConnectivityEvent"]

_HIDDEN = ("0.0.0.0", 9)  # noqa: S104  # RFC 8839 section 5.1: nothing to tell
_MAX_ERRORS = 100
_MAX_SOURCES = 100
_RELAY_PREFERENCE = {"udp": 2, "tcp": 1, "tls": 0}


@dataclass(frozen=True, slots=True)
class CandidateFound:
    """A candidate to signal."""

    candidate: Candidate


ConnectivityEvent = (
    CandidateFound
    | GatheringFinished
    | IceStateChanged
    | IceCandidateFailed
    | LookupWanted
    | HostNameWanted
    | StreamWanted
    | StreamOutput
    | StreamUnwanted
)


class Connectivity:
    """What the transports above see of the network: one path, and datagrams on it.

    It decides which candidates the other side hears of, and how: the transport policy, names in
    place of addresses, and addresses that are translated one to one.
    """

    __slots__ = (
        "_configuration",
        "_entropy",
        "_events",
        "_gathered_with",
        "_gatherer",
        "_ice_events",
        "_names",
        "_server_events",
        "_starting",
        "_streams",
        "agent",
        "errors",
        "is_plain",
        "sources",
    )

    def __init__(self, configuration: Configuration, entropy: Entropy) -> None:
        self.agent = IceAgent(
            IceConfig(
                disconnected_timeout=configuration.disconnected_timeout,
                failed_timeout=configuration.failed_timeout,
                checking_timeout=configuration.checking_timeout,
            ),
            entropy,
        )
        self.errors: list[IceCandidateError] = []
        self.sources: dict[Address, CandidateSource] = {}
        self._configuration = self._gathered_with = configuration
        self._entropy = entropy
        self._events: list[ConnectivityEvent] = []
        self._gatherer = Gatherer(_gathering_settings(configuration), entropy)
        self._ice_events = self.agent.events
        self._server_events = self._gatherer.events
        self._names: dict[str, str] = {}
        self._starting = False
        self._streams = IceTcpStreams()
        self.is_plain = not configuration.ice_servers
        """Whether no server, relay or stream was ever in use, as in most connections."""

    # Gathering.

    def expect_addresses(self) -> None:
        """Begin to gather with the next local address: one is about to come."""
        self._starting = True
        self._gathered_with = self._configuration

    @property
    def gathering_differs(self) -> bool:
        """Whether servers or policy are others than those that candidates were gathered with."""
        former, latest = self._gathered_with, self._configuration
        return (
            former.ice_transport_policy != latest.ice_transport_policy
            or former.ice_servers != latest.ice_servers
        )

    def forget_bases(self, now: float) -> None:
        """Forget all sockets and relays; the owner adds the sockets again that are to be used."""
        for address, transport in self.agent.bases:
            self.agent.remove_local_address(address, now, transport)

    def configure(self, configuration: Configuration) -> None:
        """Use other servers and another policy from the next gathering on."""
        self._configuration = configuration
        self.is_plain = self.is_plain and not configuration.ice_servers
        self._gatherer.configure(_gathering_settings(configuration))

    def add_local_address(self, address: Address, now: float) -> None:
        """Use a bound UDP socket."""
        self._start_if_expected(now)
        if self._relay_only:
            self._gatherer.add_base(address, now)
            return
        self._add_host(address, now)
        if self._configuration.network.ice_tcp is IceTcpPolicy.PASSIVE:
            self._found(self._shown_host(self.agent.add_tcp_active(address[0], now)))
        elif self._configuration.network.ice_tcp is IceTcpPolicy.ACTIVE:
            self.agent.use_active_tcp(address[0], now)
        self._gatherer.add_base(address, now)

    def add_tcp_listener(self, address: Address, now: float) -> None:
        """Use a listening TCP socket."""
        self._start_if_expected(now)
        if not self._relay_only:
            self._found(self._shown_host(self.agent.add_tcp_passive(address, now)))

    def remove_local_address(self, address: Address, now: float) -> None:
        """Forget a UDP socket that is gone."""
        self.agent.remove_local_address(address, now)
        self._gatherer.remove_base(address, now)

    def end_of_local_addresses(self, now: float) -> None:
        """Note that all sockets are bound; servers may still answer."""
        self._start_if_expected(now)
        self._gatherer.end_of_bases(now)

    def lookup_done(self, host: str, port: int, addresses: Sequence[Address], now: float) -> None:
        """Take the addresses of a server."""
        self._gatherer.lookup_done(host, port, addresses, now)

    def lookup_failed(self, host: str, port: int, reason: str, now: float) -> None:
        """Note that a server's name has no address."""
        self._gatherer.lookup_failed(host, port, reason, now)

    # Restarts.

    def restart(self, now: float, parameters: IceParameters) -> None:
        """Begin again with new credentials; data goes on over the old path (RFC 8445 section 9)."""
        self.agent.restart(now, parameters)
        self.expect_addresses()

    def roll_back_restart(self, now: float) -> None:
        """Take the last restart back."""
        self.agent.roll_back_restart(now)

    # Streams.

    def stream_accepted(self, listener: Address, remote: Address, now: float) -> Stream | None:
        """Take a connection to a TCP listener; None when there are too many."""
        self.is_plain = False
        return self._streams.accepted(listener, remote, now)

    def stream_opened(self, stream: Stream, local: Address, now: float) -> None:
        """Note that a stream is connected."""
        if self._streams.owns(stream):
            self._streams.opened(stream, local, now)
        else:
            self._gatherer.stream_opened(stream, local, now)

    def receive_stream(self, stream: Stream, data: bytes, now: float) -> list[Datagram]:
        """Take in bytes; return the datagrams they make, with the base and transport they have."""
        if self._streams.owns(stream):
            return self._streams.receive(stream, data, now)
        return self._gatherer.receive_stream(stream, data, now)

    def stream_proved(self, stream: Stream) -> None:
        """Note that an authentic check came over a stream of ICE."""
        self._streams.validated(stream)

    def stream_closed(self, stream: Stream, reason: str, now: float) -> None:
        """Note that a stream is gone, or never came about."""
        if self._streams.owns(stream):
            path = self._streams.closed(stream, reason, now)
            if path is not None:
                base, remote = path
                self.agent.lose_stream(remote, base, reason, now)
        else:
            self._gatherer.stream_closed(stream, reason, now)

    def owns_stream(self, stream: Stream) -> bool:
        """Whether a stream carries ICE over TCP, rather than a server's."""
        return self._streams.owns(stream)

    # Datagrams.

    def from_server(self, datagram: Datagram) -> bool:
        """Whether a STUN or TURN server sent it."""
        return not self.is_plain and self._gatherer.owns(datagram.source, datagram.local)

    def unwrap(self, datagram: Datagram, now: float) -> list[Datagram]:
        """Take in what a server sent; return what it relayed from the other side."""
        return self._gatherer.receive(datagram, now)

    def is_direct(self, local: Address, transport: Transport) -> bool:
        """Whether what is sent from ``local`` leaves over a UDP socket of this machine."""
        return transport is Transport.UDP and not self._gatherer.is_relayed(local)

    def send_indirect(self, transmit: Transmit, now: float) -> None:
        """Send over a relay or TCP; what comes of it is in :meth:`transmits` and the events."""
        if transmit.transport is Transport.TCP:
            self.is_plain = False
            self._streams.send(transmit, now)
        else:
            self._gatherer.send(transmit, now)

    def transmits(self, now: float) -> list[Transmit]:
        """Return the checks and the messages to servers that are to be sent, and forget them."""
        checks = self.agent.transmits()
        if self.is_plain and (not checks or _all_over_udp(checks)):
            return checks
        out: list[Transmit] = []
        for transmit in checks:
            if self.is_direct(transmit.local, transmit.transport):
                out.append(transmit)
            else:
                self.send_indirect(transmit, now)
        out += self._gatherer.transmits()
        return out

    # Time and events.

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""
        self.agent.handle_timeout(now)
        if self.is_plain:
            return
        self._gatherer.release_retired(self.agent.uses, now)
        self._gatherer.handle_timeout(now)
        self._streams.handle_timeout(now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        if self.is_plain:
            return self.agent.next_deadline()
        deadlines = (
            self.agent.next_deadline(),
            self._gatherer.next_deadline(),
            self._streams.next_deadline(),
        )
        return min((each for each in deadlines if each is not None), default=None)

    @property
    def has_events(self) -> bool:
        """Whether :meth:`next_event` has anything to look at."""
        return bool(
            self._events
            or self._ice_events
            or self._server_events
            or (not self.is_plain and self._streams.has_events)
        )

    def next_event(self, now: float) -> ConnectivityEvent | None:
        """Return the next event, or None."""
        self._collect(now)
        return self._events.pop(0) if self._events else None

    def close(self, now: float) -> None:
        """Give back what servers hold for us, and stop."""
        self._gatherer.close(now)
        self._streams.close()
        self.agent.close()

    # Inside.

    @property
    def _relay_only(self) -> bool:
        return self._configuration.ice_transport_policy == IceTransportPolicy.RELAY

    def _start_if_expected(self, now: float) -> None:
        if self._starting:
            self._starting = False
            self._gatherer.start(now)

    def _collect(self, now: float) -> None:
        while (event := self._gatherer.next_event()) is not None:
            if isinstance(event, ReflexiveFound):
                self._on_reflexive(event, now)
            elif isinstance(event, RelayedFound):
                self._on_relayed(event, now)
            elif isinstance(event, RelayLost):
                self.agent.remove_local_address(event.relayed, now)
            else:
                if isinstance(event, IceCandidateFailed) and len(self.errors) < _MAX_ERRORS:
                    self.errors.append(event.error)
                if isinstance(event, GatheringFinished):
                    self.agent.end_of_local_candidates(now)
                self._events.append(event)
        while not self.is_plain and (stream_event := self._streams.next_event()) is not None:
            self._events.append(stream_event)
        while (ice_event := self.agent.next_event()) is not None:
            if isinstance(ice_event, IceStateChanged):
                # Consent checks keep the binding that is in use alive.
                self._gatherer.keep_alive(self.agent.selected is None)
                self._events.append(ice_event)

    def _on_reflexive(self, event: ReflexiveFound, now: float) -> None:
        if self._relay_only:
            return
        candidate = self.agent.add_reflexive(event.mapped, event.base, event.server, now)
        if candidate is not None:
            self._note_source(candidate, CandidateSource(event.url))
            self._found(self._without_origin(candidate))

    def _on_relayed(self, event: RelayedFound, now: float) -> None:
        candidate = self.agent.add_relayed(
            event.relayed, event.mapped, now, preference=_RELAY_PREFERENCE[event.relay_protocol]
        )
        self._note_source(candidate, CandidateSource(event.url, event.relay_protocol))
        self._found(self._without_origin(candidate))

    def _add_host(self, base: Address, now: float) -> None:
        network = self._configuration.network
        external = network.external_addresses.get(base[0])
        if external is None:
            self._found(self._shown_host(self.agent.add_local_address(base, now)))
        elif network.external_address_type is ExternalAddressType.HOST:
            self._found(self.agent.add_local_address(base, now, external_host=external))
        else:
            self._found(self._shown_host(self.agent.add_local_address(base, now)))
            reflexive = self.agent.add_reflexive((external, base[1]), base, base, now)
            if reflexive is not None:
                self._found(self._without_origin(reflexive))

    def _shown_host(self, candidate: Candidate) -> Candidate:
        """Return the host candidate as the other side may see it."""
        if not self._configuration.network.obfuscate_host_addresses:
            return candidate
        name = self._names.get(candidate.host)
        if name is None:
            name = self._names[candidate.host] = f"{random_uuid(self._entropy)}.local"
            self._events.append(HostNameWanted(name, candidate.host))
        return replace(candidate, host=name)

    def _without_origin(self, candidate: Candidate) -> Candidate:
        """Leave out the related address where it would tell what the host candidates hide."""
        hidden = self._relay_only or self._configuration.network.obfuscate_host_addresses
        if not hidden or candidate.related_host is None:
            return candidate
        return replace(candidate, related_host=_HIDDEN[0], related_port=_HIDDEN[1])

    def _note_source(self, candidate: Candidate, source: CandidateSource) -> None:
        if len(self.sources) >= _MAX_SOURCES:
            del self.sources[next(iter(self.sources))]
        self.sources[candidate.host, candidate.port] = source

    def _found(self, candidate: Candidate) -> None:
        self._events.append(CandidateFound(candidate))


def _all_over_udp(transmits: Sequence[Transmit]) -> bool:
    return all(transmit.transport is Transport.UDP for transmit in transmits)


def _gathering_settings(configuration: Configuration) -> GatheringSettings:
    return GatheringSettings(
        servers=tuple(configuration.ice_servers),
        timeout=configuration.server_timeout,
        reflexive=configuration.ice_transport_policy != IceTransportPolicy.RELAY,
    )
