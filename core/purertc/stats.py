"""What :meth:`purertc.PeerConnection.get_stats` returns (W3C webrtc-stats)."""

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
