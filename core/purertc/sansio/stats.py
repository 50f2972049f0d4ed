"""Statistics of a connection, by the names of W3C webrtc-stats in Python's spelling.

Every object has an ``id`` that stays the same from report to report, and the ``timestamp`` of its
report in milliseconds since 1970. What is not known is None. Times are in seconds.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, TypeVar

__all__ = [
    "CandidatePairStats",
    "CertificateStats",
    "DataChannelStats",
    "IceCandidateStats",
    "LocalCandidateStats",
    "PeerConnectionStats",
    "RemoteCandidateStats",
    "SctpTransportStats",
    "Stats",
    "StatsReport",
    "TransportStats",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What all statistics have (W3C webrtc-pc section 8.5, RTCStats)."""

    type: ClassVar[str] = ""
    """The name of the kind (W3C webrtc-stats, RTCStatsType)."""

    id: str
    timestamp: float

    def to_json(self) -> dict[str, object]:
        """Return the dictionary that browsers make, without what is not known."""
        values: dict[str, object] = {"type": self.type}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                values[_camel_case(field.name)] = value
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerConnectionStats(Stats):
    """The connection as a whole (W3C webrtc-stats, RTCPeerConnectionStats)."""

    type: ClassVar[str] = "peer-connection"

    data_channels_opened: int
    data_channels_closed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportStats(Stats):
    """ICE and DTLS below everything (W3C webrtc-stats, RTCTransportStats).

    Packets and bytes are those of DTLS, over all candidate pairs that still exist.
    """

    type: ClassVar[str] = "transport"

    packets_sent: int
    packets_received: int
    bytes_sent: int
    bytes_received: int
    ice_role: str
    ice_local_username_fragment: str
    ice_state: str
    dtls_state: str
    dtls_role: str
    tls_version: str | None = None
    dtls_cipher: str | None = None
    selected_candidate_pair_id: str | None = None
    local_certificate_id: str | None = None
    remote_certificate_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SctpTransportStats(Stats):
    """The SCTP association (RTCSctpTransportStats of the provisional W3C statistics).

    Windows, ``mtu`` and ``unacknowledged_bytes`` are in bytes; ``mtu`` is the size of a full packet
    of SCTP, without DTLS, UDP and IP. The fields after it are purertc's own.
    """

    type: ClassVar[str] = "sctp-transport"

    transport_id: str
    state: str
    smoothed_round_trip_time: float | None = None
    congestion_window: int
    receiver_window: int
    mtu: int
    unacknowledged_bytes: int
    buffered_bytes: int
    retransmitted_chunks: int
    retransmission_timeouts: int
    duplicate_chunks: int
    packets_received: int
    bad_packets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatePairStats(Stats):
    """Two candidates that are checked together (W3C webrtc-stats, RTCIceCandidatePairStats).

    ``packets_…`` and ``bytes_…`` are those of DTLS; checks are counted apart.
    """

    type: ClassVar[str] = "candidate-pair"

    transport_id: str
    local_candidate_id: str
    remote_candidate_id: str
    state: str
    nominated: bool
    packets_sent: int
    packets_received: int
    bytes_sent: int
    bytes_received: int
    total_round_trip_time: float
    current_round_trip_time: float | None = None
    requests_received: int
    requests_sent: int
    responses_received: int
    responses_sent: int
    consent_requests_sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IceCandidateStats(Stats):
    """A candidate of one side (W3C webrtc-stats, RTCIceCandidateStats).

    ``url`` is the server that gave a local candidate, ``relay_protocol`` how that server is
    reached: "udp", "tcp" or "tls".
    """

    transport_id: str
    address: str
    port: int
    protocol: str
    candidate_type: str
    priority: int
    foundation: str
    url: str | None = None
    relay_protocol: str | None = None
    related_address: str | None = None
    related_port: int | None = None
    username_fragment: str | None = None
    tcp_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCandidateStats(IceCandidateStats):
    """A candidate of this side."""

    type: ClassVar[str] = "local-candidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCandidateStats(IceCandidateStats):
    """A candidate of the other side, signalled or learned from its checks."""

    type: ClassVar[str] = "remote-candidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStats(Stats):
    """A certificate of DTLS (W3C webrtc-stats, RTCCertificateStats)."""

    type: ClassVar[str] = "certificate"

    fingerprint: str
    fingerprint_algorithm: str
    base64_certificate: str

    @classmethod
    def of(cls, der: bytes, fingerprint: str, timestamp: float) -> "CertificateStats":
        """Describe a certificate by its sha-256 fingerprint."""
        return cls(
            id=f"certificate-{fingerprint}",
            timestamp=timestamp,
            fingerprint=fingerprint,
            fingerprint_algorithm="sha-256",
            base64_certificate=b64encode(der).decode("ascii"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DataChannelStats(Stats):
    """A data channel that is not closed (W3C webrtc-stats, RTCDataChannelStats).

    Bytes are those of messages, text as UTF-8; what is sent counts when it is given to the
    channel.
    """

    type: ClassVar[str] = "data-channel"

    label: str
    protocol: str
    data_channel_identifier: int | None = None
    state: str
    messages_sent: int
    bytes_sent: int
    messages_received: int
    bytes_received: int


StatsT = TypeVar("StatsT", bound=Stats)


class StatsReport(Mapping[str, Stats]):
    """All statistics of one moment by their id (W3C webrtc-pc section 8.4)."""

    __slots__ = ("_by_id", "timestamp")

    def __init__(self, stats: "list[Stats]", timestamp: float) -> None:
        self.timestamp = timestamp
        """Milliseconds since 1970."""
        self._by_id = {each.id: each for each in stats}

    def __getitem__(self, id: str) -> Stats:
        """Return the statistics with this id. Raises KeyError."""
        return self._by_id[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __repr__(self) -> str:
        return f"<StatsReport of {len(self)} objects>"

    def of_type(self, kind: type[StatsT]) -> list[StatsT]:
        """Return the statistics of one class, such as ``CandidatePairStats``."""
        return [each for each in self._by_id.values() if isinstance(each, kind)]

    @property
    def selected_pair(self) -> CandidatePairStats | None:
        """The pair that data is sent on; None before there is one."""
        for transport in self.of_type(TransportStats):
            pair = self._by_id.get(transport.selected_candidate_pair_id or "")
            if isinstance(pair, CandidatePairStats):
                return pair
        return None

    def to_json(self) -> dict[str, dict[str, object]]:
        """Return what a browser's report is as JSON: id → dictionary with W3C names."""
        return {id: stats.to_json() for id, stats in self._by_id.items()}


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
