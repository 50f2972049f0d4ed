"""Only the certificate that the description spoke of is accepted (RFC 8122)."""

import pytest

from purertc.sansio.dtls import DtlsState, DtlsStateChanged, DtlsTransport
from purertc.sansio.types import Fingerprint
from tests.support.dtls_pair import certificate, events_of

GOOD = {item.algorithm: item for item in certificate(2).fingerprints}
WRONG = {item.algorithm: item for item in certificate(3).fingerprints}


def connect(expected_of_server: list[Fingerprint]) -> tuple[DtlsTransport, DtlsTransport]:
    """Let a client that expects these fingerprints meet the server with certificate 2."""
    client, server = DtlsTransport(certificate(1)), DtlsTransport(certificate(2))
    server.start(client=False, remote_fingerprints=certificate(1).fingerprints, now=0.0)
    client.start(client=True, remote_fingerprints=expected_of_server, now=0.0)
    for _ in range(4):
        server.receive(client.transmits(), 0.0)
        client.receive(server.transmits(), 0.0)
    return client, server


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-384", "sha-512"])
def test_one_right_fingerprint_is_enough(algorithm: str) -> None:
    client, server = connect([GOOD[algorithm]])
    assert client.state is server.state is DtlsState.CONNECTED
    assert client.remote_certificate == certificate(2).der
    assert server.remote_certificate == certificate(1).der


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-384", "sha-512"])
def test_a_wrong_fingerprint_fails_on_both_sides(algorithm: str) -> None:
    client, server = connect([WRONG[algorithm]])
    assert client.state is server.state is DtlsState.FAILED
    assert client.remote_certificate is None
    assert "does not match the fingerprints" in events_of(client)[-1].reason
    assert "alert" in events_of(server)[-1].reason


def test_the_server_checks_too() -> None:
    client, server = DtlsTransport(certificate(1)), DtlsTransport(certificate(2))
    server.start(client=False, remote_fingerprints=certificate(3).fingerprints, now=0.0)
    client.start(client=True, remote_fingerprints=certificate(2).fingerprints, now=0.0)
    for _ in range(4):
        server.receive(client.transmits(), 0.0)
        client.receive(server.transmits(), 0.0)
    assert client.state is server.state is DtlsState.FAILED


def test_letters_may_be_of_either_case() -> None:
    sha256 = GOOD["sha-256"]
    client, _ = connect([Fingerprint("SHA-256", sha256.value.lower())])
    assert client.state is DtlsState.CONNECTED


def test_only_the_most_preferred_hash_function_counts() -> None:
    client, _ = connect([GOOD["sha-256"], WRONG["sha-512"]])
    assert client.state is DtlsState.FAILED


def test_several_certificates_may_be_announced() -> None:
    client, _ = connect([WRONG["sha-256"], GOOD["sha-256"]])
    assert client.state is DtlsState.CONNECTED


@pytest.mark.parametrize(
    "fingerprints", [[], [Fingerprint("sha-1", "00:11")], [Fingerprint("md5", "00")]]
)
def test_without_a_supported_hash_function_it_fails_at_once(
    fingerprints: list[Fingerprint],
) -> None:
    transport = DtlsTransport(certificate(1))
    transport.start(client=True, remote_fingerprints=fingerprints, now=0.0)
    assert transport.state is DtlsState.FAILED
    (event,) = events_of(transport)
    assert event == DtlsStateChanged(DtlsState.FAILED, event.reason)
    assert "no fingerprint" in event.reason
    assert transport.transmits() == []


def test_unsupported_ones_beside_a_right_one_do_no_harm() -> None:
    client, _ = connect([Fingerprint("sha-1", "00:11"), GOOD["sha-256"]])
    assert client.state is DtlsState.CONNECTED


def test_a_value_that_is_no_digest_fails() -> None:
    client, _ = connect([Fingerprint("sha-256", "not hex at all")])
    assert client.state is DtlsState.FAILED


def test_the_certificate_is_checked_again_after_the_handshake() -> None:
    client, server = DtlsTransport(certificate(1)), DtlsTransport(certificate(2))
    server.start(client=False, remote_fingerprints=certificate(1).fingerprints, now=0.0)
    client.start(client=True, remote_fingerprints=certificate(2).fingerprints, now=0.0)
    client._fingerprints = certificate(3).fingerprints
    for _ in range(4):
        server.receive(client.transmits(), 0.0)
        client.receive(server.transmits(), 0.0)
    assert client.state is DtlsState.FAILED
    assert client.remote_certificate is None
    assert server.state is DtlsState.CLOSED
