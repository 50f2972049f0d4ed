"""Statistics as values, and as the dictionaries that browsers make."""

import json
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from purertc.stats import (
    CandidatePairStats,
    CertificateStats,
    DataChannelStats,
    LocalCandidateStats,
    PeerConnectionStats,
    RemoteCandidateStats,
    Stats,
    StatsReport,
    TransportStats,
)

TOTALS: dict[str, Any] = {
    "packets_sent": 3,
    "packets_received": 4,
    "bytes_sent": 300,
    "bytes_received": 400,
}


def transport(pair: str | None) -> TransportStats:
    return TransportStats(
        id="T",
        timestamp=5.0,
        **TOTALS,
        ice_role="controlling",
        ice_local_username_fragment="abcd",
        ice_state="connected",
        dtls_state="connected",
        dtls_role="client",
        selected_candidate_pair_id=pair,
    )


def pair() -> CandidatePairStats:
    return CandidatePairStats(
        id="P",
        timestamp=5.0,
        transport_id="T",
        local_candidate_id="L",
        remote_candidate_id="R",
        state="succeeded",
        nominated=True,
        **TOTALS,
        total_round_trip_time=0.5,
        requests_received=1,
        requests_sent=2,
        responses_received=3,
        responses_sent=4,
        consent_requests_sent=5,
    )


def test_it_is_a_mapping_by_id() -> None:
    report = StatsReport([transport("P"), pair()], 5.0)
    assert list(report) == ["T", "P"]
    assert len(report) == 2
    assert report["P"] == pair()
    assert "X" not in report
    with pytest.raises(KeyError):
        report["X"]
    assert repr(report) == "<StatsReport of 2 objects>"


def test_objects_of_one_class() -> None:
    report = StatsReport([transport("P"), pair()], 5.0)
    assert report.of_type(CandidatePairStats) == [pair()]
    assert report.of_type(DataChannelStats) == []
    assert len(report.of_type(Stats)) == 2


@pytest.mark.parametrize("selected", [None, "gone", "T"])
def test_there_may_be_no_selected_pair(selected: str | None) -> None:
    assert StatsReport([transport(selected), pair()], 5.0).selected_pair is None


def test_the_selected_pair() -> None:
    assert StatsReport([transport("P"), pair()], 5.0).selected_pair == pair()


def test_statistics_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        pair().nominated = False  # type: ignore[misc]


def test_the_dictionary_of_a_browser() -> None:
    assert pair().to_json() == {
        "type": "candidate-pair",
        "id": "P",
        "timestamp": 5.0,
        "transportId": "T",
        "localCandidateId": "L",
        "remoteCandidateId": "R",
        "state": "succeeded",
        "nominated": True,
        "packetsSent": 3,
        "packetsReceived": 4,
        "bytesSent": 300,
        "bytesReceived": 400,
        "totalRoundTripTime": 0.5,
        "requestsReceived": 1,
        "requestsSent": 2,
        "responsesReceived": 3,
        "responsesSent": 4,
        "consentRequestsSent": 5,
    }


def test_a_certificate_is_in_base64() -> None:
    stats = CertificateStats.of(b"\1\2\3", "AB:CD", 5.0)
    assert stats.to_json() == {
        "type": "certificate",
        "id": "certificate-AB:CD",
        "timestamp": 5.0,
        "fingerprint": "AB:CD",
        "fingerprintAlgorithm": "sha-256",
        "base64Certificate": "AQID",
    }


def test_a_report_as_json() -> None:
    report = StatsReport([transport(None), pair()], 5.0)
    data = json.loads(json.dumps(report.to_json()))
    assert data["P"]["type"] == "candidate-pair"
    assert "selectedCandidatePairId" not in data["T"]


W3C_NAMES = {
    PeerConnectionStats: {"dataChannelsOpened", "dataChannelsClosed"},
    TransportStats: {
        "packetsSent", "packetsReceived", "bytesSent", "bytesReceived", "iceRole",
        "iceLocalUsernameFragment", "dtlsState", "iceState", "selectedCandidatePairId",
        "localCertificateId", "remoteCertificateId", "tlsVersion", "dtlsCipher", "dtlsRole",
    },
    LocalCandidateStats: {
        "transportId", "address", "port", "protocol", "candidateType", "priority", "url",
        "relayProtocol", "foundation", "relatedAddress", "relatedPort", "usernameFragment",
        "tcpType",
    },
    DataChannelStats: {
        "label", "protocol", "dataChannelIdentifier", "state", "messagesSent", "bytesSent",
        "messagesReceived", "bytesReceived",
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", W3C_NAMES)
def test_the_names_are_those_of_the_standard(kind: type[Stats]) -> None:
    values = {field.name: "x" for field in fields(kind)}
    names = set(kind(**values).to_json())  # type: ignore[arg-type]  # any value shows the name
    assert names == W3C_NAMES[kind] | {"id", "type", "timestamp"}


def test_the_types_are_those_of_the_standard() -> None:
    assert LocalCandidateStats.type == "local-candidate"
    assert RemoteCandidateStats.type == "remote-candidate"
    assert PeerConnectionStats.type == "peer-connection"
    assert DataChannelStats.type == "data-channel"
    assert TransportStats.type == "transport"
