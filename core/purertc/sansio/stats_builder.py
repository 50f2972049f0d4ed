"""Reads the statistics of a peer."""

from collections.abc import Iterator
from typing import TypeVar

from purertc.sansio.dtls.fingerprint import fingerprint_of
from purertc.sansio.ice.candidate_source import CandidateSource
from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.peer import Peer
from purertc.sansio.peer_facts import PeerFacts
from purertc.sansio.stats import (
    CandidatePairStats,
    CertificateStats,
    DataChannelStats,
    IceCandidateStats,
    LocalCandidateStats,
    PeerConnectionStats,
    RemoteCandidateStats,
    SctpTransportStats,
    Stats,
    StatsReport,
    TransportStats,
)
from purertc.sansio.types import DataChannelState
from purertc.wire.candidate import Candidate

__all__ = ["build_stats"]

_TRANSPORT = "transport"
_DTLS_1_2 = "FEFD"
_SHA_256 = "sha-256"

CandidateT = TypeVar("CandidateT", bound=IceCandidateStats)


def build_stats(peer: Peer, timestamp: float) -> StatsReport:
    """Return the statistics of a peer. ``timestamp`` is in milliseconds since 1970."""
    facts = PeerFacts.of(peer)
    stats: list[Stats] = [
        _connection_stats(peer, timestamp),
        _transport_stats(peer, facts, timestamp),
        _sctp_stats(peer, timestamp),
        *_certificates(peer, timestamp),
        *(
            _candidate_stats(LocalCandidateStats, each, facts.source_of(each), timestamp)
            for each in facts.local_candidates
        ),
        *(
            _candidate_stats(RemoteCandidateStats, each, None, timestamp)
            for each in facts.remote_candidates
        ),
        *(_pair_stats(pair, timestamp) for pair in facts.pairs),
        *_channel_stats(peer, timestamp),
    ]
    return StatsReport(stats, timestamp)


def _connection_stats(peer: Peer, timestamp: float) -> PeerConnectionStats:
    channels = peer.data_channels
    open_now = sum(1 for each in channels.channels if each.state is DataChannelState.OPEN)
    return PeerConnectionStats(
        id="peer-connection",
        timestamp=timestamp,
        data_channels_opened=channels.opened,
        data_channels_closed=channels.opened - open_now,
    )


def _transport_stats(peer: Peer, facts: PeerFacts, timestamp: float) -> TransportStats:
    ice, dtls = peer.transport.ice, peer.transport.dtls
    established = dtls.remote_certificate is not None
    pairs = facts.pairs
    return TransportStats(
        id=_TRANSPORT,
        timestamp=timestamp,
        packets_sent=sum(pair.packets_sent for pair in pairs),
        packets_received=sum(pair.packets_received for pair in pairs),
        bytes_sent=sum(pair.bytes_sent for pair in pairs),
        bytes_received=sum(pair.bytes_received for pair in pairs),
        ice_role="controlling" if ice.controlling else "controlled",
        ice_local_username_fragment=ice.local_parameters.username_fragment,
        ice_state=ice.state,
        dtls_state=dtls.state,
        dtls_role=_dtls_role(dtls.is_client),
        tls_version=_DTLS_1_2 if established else None,
        dtls_cipher=dtls.cipher_suite,
        selected_candidate_pair_id=None if ice.selected is None else _pair_id(ice.selected),
        local_certificate_id=_certificate_id(dtls.local_certificate),
        remote_certificate_id=(
            None if dtls.remote_certificate is None else _certificate_id(dtls.remote_certificate)
        ),
    )


def _dtls_role(is_client: bool | None) -> str:
    if is_client is None:
        return "unknown"
    return "client" if is_client else "server"


def _sctp_stats(peer: Peer, timestamp: float) -> SctpTransportStats:
    sctp = peer.transport.sctp
    return SctpTransportStats(
        id="sctp-transport",
        timestamp=timestamp,
        transport_id=_TRANSPORT,
        state=sctp.state,
        smoothed_round_trip_time=sctp.smoothed_round_trip,
        congestion_window=sctp.congestion_window,
        receiver_window=sctp.peer_receive_window,
        mtu=sctp.packet_size,
        unacknowledged_bytes=sctp.bytes_in_flight,
        buffered_bytes=sctp.buffered_total,
        retransmitted_chunks=sctp.retransmitted_chunks,
        retransmission_timeouts=sctp.retransmission_timeouts,
        duplicate_chunks=sctp.duplicates,
        packets_received=sctp.packets_received,
        bad_packets=sctp.bad_packets,
    )


def _certificates(peer: Peer, timestamp: float) -> Iterator[CertificateStats]:
    dtls = peer.transport.dtls
    for der in (dtls.local_certificate, dtls.remote_certificate):
        if der is not None:
            yield CertificateStats.of(der, fingerprint_of(der, _SHA_256).value, timestamp)


def _certificate_id(der: bytes) -> str:
    return f"certificate-{fingerprint_of(der, _SHA_256).value}"


def _candidate_stats(
    kind: type[CandidateT], candidate: Candidate, source: CandidateSource | None, timestamp: float
) -> CandidateT:
    return kind(
        id=_candidate_id(kind.type, candidate),
        timestamp=timestamp,
        transport_id=_TRANSPORT,
        address=candidate.host,
        port=candidate.port,
        protocol=candidate.transport,
        candidate_type=candidate.type,
        priority=candidate.priority,
        foundation=candidate.foundation,
        url=None if source is None else source.url,
        relay_protocol=None if source is None else source.relay_protocol,
        related_address=candidate.related_host,
        related_port=candidate.related_port,
        username_fragment=candidate.username_fragment,
        tcp_type=candidate.tcp_type,
    )


def _candidate_id(kind: str, candidate: Candidate) -> str:
    return f"{kind}-{candidate.transport}-{candidate.host}-{candidate.port}"


def _pair_stats(pair: CandidatePair, timestamp: float) -> CandidatePairStats:
    return CandidatePairStats(
        id=_pair_id(pair),
        timestamp=timestamp,
        transport_id=_TRANSPORT,
        local_candidate_id=_candidate_id(LocalCandidateStats.type, _local_of(pair)),
        remote_candidate_id=_candidate_id(RemoteCandidateStats.type, pair.remote.candidate),
        state=pair.state,
        nominated=pair.nominated,
        packets_sent=pair.packets_sent,
        packets_received=pair.packets_received,
        bytes_sent=pair.bytes_sent,
        bytes_received=pair.bytes_received,
        total_round_trip_time=pair.total_round_trip_time,
        current_round_trip_time=pair.current_round_trip_time,
        requests_received=pair.requests_received,
        requests_sent=pair.requests_sent,
        responses_received=pair.responses_received,
        responses_sent=pair.responses_sent,
        consent_requests_sent=pair.consent_requests_sent,
    )


def _pair_id(pair: CandidatePair) -> str:
    local, remote = pair.local_address, pair.remote_address
    protocol = pair.local.candidate.transport
    return f"candidate-pair-{protocol}-{local[0]}-{local[1]}-{remote[0]}-{remote[1]}"


def _local_of(pair: CandidatePair) -> Candidate:
    return pair.local_candidate or pair.local.candidate


def _channel_stats(peer: Peer, timestamp: float) -> Iterator[DataChannelStats]:
    for number, channel in enumerate(peer.data_channels.channels):
        name = f"waiting-{number}" if channel.id is None else str(channel.id)
        yield DataChannelStats(
            id=f"data-channel-{name}",
            timestamp=timestamp,
            label=channel.label,
            protocol=channel.protocol,
            data_channel_identifier=channel.id,
            state=channel.state,
            messages_sent=channel.messages_sent,
            bytes_sent=channel.bytes_sent,
            messages_received=channel.messages_received,
            bytes_received=channel.bytes_received,
        )
