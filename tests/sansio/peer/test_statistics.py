"""What the statistics say of two peers that talk."""

from purertc.sansio.config import Configuration
from purertc.sansio.network_settings import NetworkSettings
from purertc.sansio.peer import Peer
from purertc.sansio.stats_builder import build_stats
from purertc.stats import (
    CandidatePairStats,
    CertificateStats,
    DataChannelStats,
    LocalCandidateStats,
    PeerConnectionStats,
    RemoteCandidateStats,
    SctpTransportStats,
    StatsReport,
    TransportStats,
)
from tests.support.peer_pair import PeerPair


def stats_of(peer: Peer) -> StatsReport:
    return build_stats(peer, 1234.5)


def transport_of(report: StatsReport) -> TransportStats:
    (transport,) = report.of_type(TransportStats)
    return transport


def test_before_anything_happened() -> None:
    report = stats_of(PeerPair().a.peer)
    transport = transport_of(report)
    assert (transport.ice_state, transport.dtls_state) == ("new", "new")
    assert (transport.dtls_role, transport.tls_version) == ("unknown", None)
    assert report.of_type(CandidatePairStats) == []
    assert report.selected_pair is None
    assert {each.timestamp for each in report.values()} == {1234.5}


def test_both_sides_describe_the_same_pair() -> None:
    pair = PeerPair()
    pair.connect()
    ours, theirs = stats_of(pair.a.peer), stats_of(pair.b.peer)
    for report, local, remote in ((ours, pair.a, pair.b), (theirs, pair.b, pair.a)):
        selected = report.selected_pair
        assert selected is not None
        assert (selected.state, selected.nominated) == ("succeeded", True)
        candidate = report[selected.local_candidate_id]
        assert isinstance(candidate, LocalCandidateStats)
        assert (candidate.address, candidate.port) == local.address
        other = report[selected.remote_candidate_id]
        assert isinstance(other, RemoteCandidateStats)
        assert (other.address, other.port) == remote.address
        assert selected.responses_received > 0
        assert selected.current_round_trip_time is not None


def test_every_reference_leads_somewhere() -> None:
    pair = PeerPair()
    pair.connect()
    report = stats_of(pair.a.peer)
    references = [
        value
        for stats in report.to_json().values()
        for name, value in stats.items()
        if name.endswith("Id") and name != "id"
    ]
    assert references
    assert [each for each in references if each not in report] == []


def test_roles_and_certificates_mirror_each_other() -> None:
    pair = PeerPair()
    pair.connect()
    ours, theirs = transport_of(stats_of(pair.a.peer)), transport_of(stats_of(pair.b.peer))
    assert {ours.ice_role, theirs.ice_role} == {"controlling", "controlled"}
    assert {ours.dtls_role, theirs.dtls_role} == {"client", "server"}
    assert ours.local_certificate_id == theirs.remote_certificate_id
    assert ours.remote_certificate_id == theirs.local_certificate_id
    assert ours.tls_version == "FEFD"
    assert ours.dtls_cipher == theirs.dtls_cipher
    assert (ours.dtls_cipher or "").startswith("TLS_ECDHE_ECDSA_WITH_")
    assert len(stats_of(pair.a.peer).of_type(CertificateStats)) == 2


def test_messages_and_bytes_of_a_channel() -> None:
    pair = PeerPair()
    channel = pair.connect()
    for message in ("ü", b"12345", "", b""):
        pair.a.peer.send(channel, message, pair.now)
    pair.run(timeout=1.0)
    (ours,) = stats_of(pair.a.peer).of_type(DataChannelStats)
    (theirs,) = stats_of(pair.b.peer).of_type(DataChannelStats)
    assert (ours.messages_sent, ours.bytes_sent) == (4, 7)
    assert (theirs.messages_received, theirs.bytes_received) == (4, 7)
    assert (ours.messages_received, theirs.messages_sent) == (0, 0)
    assert (theirs.label, theirs.state) == ("first", "open")
    assert ours.data_channel_identifier == theirs.data_channel_identifier


def test_packets_and_bytes_of_the_pair() -> None:
    settings = NetworkSettings(max_path_mtu=1280)
    pair = PeerPair(configuration=Configuration(network=settings))
    channel = pair.connect()
    pair.run(timeout=1.0)
    before = stats_of(pair.b.peer).selected_pair
    pair.a.peer.send(channel, bytes(50_000), pair.now)
    pair.run(timeout=1.0)
    ours, theirs = stats_of(pair.a.peer), stats_of(pair.b.peer)
    assert before is not None
    assert theirs.selected_pair is not None
    assert ours.selected_pair is not None
    assert theirs.selected_pair.bytes_received - before.bytes_received > 50_000
    assert theirs.selected_pair.packets_received - before.packets_received > 40
    assert ours.selected_pair.bytes_sent == theirs.selected_pair.bytes_received
    assert ours.selected_pair.packets_sent == theirs.selected_pair.packets_received
    assert transport_of(ours).bytes_sent == ours.selected_pair.bytes_sent


def test_channels_that_opened_and_closed() -> None:
    pair = PeerPair()
    first = pair.connect()
    second = pair.a.peer.create_data_channel("second", now=pair.now)
    pair.run(timeout=1.0)
    pair.a.peer.close_channel(first, pair.now)
    pair.run(timeout=1.0)
    assert second.state == "open"
    for side in (pair.a, pair.b):
        report = stats_of(side.peer)
        (connection,) = report.of_type(PeerConnectionStats)
        assert (connection.data_channels_opened, connection.data_channels_closed) == (2, 1)
        assert [each.label for each in report.of_type(DataChannelStats)] == ["second"]


def test_channels_without_an_id_are_apart() -> None:
    peer = PeerPair().a.peer
    for label in ("one", "two"):
        peer.create_data_channel(label, now=0.0)
    assert [each.label for each in stats_of(peer).of_type(DataChannelStats)] == ["one", "two"]


def test_the_sctp_association() -> None:
    pair = PeerPair()
    pair.connect()
    (sctp,) = stats_of(pair.a.peer).of_type(SctpTransportStats)
    assert sctp.state == "established"
    assert sctp.smoothed_round_trip_time is not None
    assert sctp.congestion_window > 0
    assert sctp.packets_received > 0


def test_ids_stay_the_same() -> None:
    pair = PeerPair()
    pair.connect()
    before = set(stats_of(pair.a.peer))
    pair.run(timeout=20.0)
    assert set(stats_of(pair.a.peer)) == before


def test_after_the_close() -> None:
    pair = PeerPair()
    pair.connect()
    pair.a.peer.close(pair.now)
    report = stats_of(pair.a.peer)
    transport = transport_of(report)
    assert (transport.ice_state, transport.dtls_state) == ("closed", "closed")
    (connection,) = report.of_type(PeerConnectionStats)
    assert (connection.data_channels_opened, connection.data_channels_closed) == (1, 1)
