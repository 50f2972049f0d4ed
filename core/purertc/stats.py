"""What :meth:`purertc.PeerConnection.get_stats` returns (W3C webrtc-stats)."""

from purertc.sansio.stats import CandidatePairStats as CandidatePairStats
from purertc.sansio.stats import CertificateStats as CertificateStats
from purertc.sansio.stats import DataChannelStats as DataChannelStats
from purertc.sansio.stats import IceCandidateStats as IceCandidateStats
from purertc.sansio.stats import LocalCandidateStats as LocalCandidateStats
from purertc.sansio.stats import PeerConnectionStats as PeerConnectionStats
from purertc.sansio.stats import RemoteCandidateStats as RemoteCandidateStats
from purertc.sansio.stats import SctpTransportStats as SctpTransportStats
from purertc.sansio.stats import Stats as Stats
from purertc.sansio.stats import StatsReport as StatsReport
from purertc.sansio.stats import TransportStats as TransportStats

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
