"""Starting: states, roles, datagrams that come too early, handshake datagram sizes."""

import random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from purertc.errors import InvalidStateError
from purertc.sansio.dtls import Certificate, DtlsState, DtlsTransport
from tests.support.dtls_pair import TODAY, DtlsPair, certificate, events_of


def large_rsa_certificate() -> Certificate:
    """A certificate that does not fit into one datagram."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "large")])
    names = x509.SubjectAlternativeName([x509.DNSName(f"host{n}.example") for n in range(150)])
    return Certificate(
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(TODAY)
        .not_valid_after(TODAY.replace(year=2031))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256()),
        key,
    )


def test_the_states_on_the_way() -> None:
    pair = DtlsPair()
    assert pair.client.state is pair.server.state is DtlsState.NEW
    pair.start()
    assert (pair.client.state, pair.server.state) == ("connecting", "connecting")
    pair.run_until_connected()
    for transport in (pair.client, pair.server):
        assert [event.state for event in events_of(transport)] == ["connecting", "connected"]
        assert transport.next_deadline() is None


def test_starting_twice_is_refused() -> None:
    pair = DtlsPair()
    pair.start()
    with pytest.raises(InvalidStateError, match="started before"):
        pair.client.start(client=True, remote_fingerprints=(), now=0.0)
    pair.run_until_connected()
    assert pair.is_connected


def test_datagrams_before_the_start_are_kept() -> None:
    client, server = DtlsTransport(certificate(1)), DtlsTransport(certificate(2))
    client.start(client=True, remote_fingerprints=certificate(2).fingerprints, now=0.0)
    assert server.receive(client.transmits(), 0.0) == []
    assert server.transmits() == []
    server.start(client=False, remote_fingerprints=certificate(1).fingerprints, now=0.0)
    assert server.transmits()


def test_only_a_few_datagrams_are_kept() -> None:
    server = DtlsTransport(certificate(2))
    for _ in range(100):
        server.receive([bytes(1200)] * 10, 0.0)
    assert server.dropped == 984


def test_two_clients_fail() -> None:
    one, two = DtlsTransport(certificate(1)), DtlsTransport(certificate(2))
    one.start(client=True, remote_fingerprints=certificate(2).fingerprints, now=0.0)
    two.start(client=True, remote_fingerprints=certificate(1).fingerprints, now=0.0)
    one.receive(two.transmits(), 0.0)
    assert one.state is DtlsState.FAILED
    assert one.next_deadline() is None


def test_a_large_certificate_goes_in_small_datagrams_on_a_bad_link() -> None:
    large = large_rsa_certificate()
    for seed in range(30):
        pair = DtlsPair(seed=seed, loss=0.15, jitter=0.05)
        pair.server = DtlsTransport(large)
        pair.server.start(client=False, remote_fingerprints=certificate(1).fingerprints, now=0.0)
        pair.client.start(client=True, remote_fingerprints=large.fingerprints, now=0.0)
        pair.flush()
        pair.run_until_connected()
        assert pair.is_connected, f"seed {seed}"
        assert len(pair.sent["server"]) > 3
        assert max(map(len, pair.sent["server"] + pair.sent["client"])) <= 1200


def test_the_handshake_takes_few_datagrams() -> None:
    pair = DtlsPair()
    pair.start()
    pair.run_until_connected()
    assert (len(pair.sent["client"]), len(pair.sent["server"])) == (2, 2)


def test_data_right_behind_the_last_flight_is_delivered() -> None:
    pair = DtlsPair()
    pair.start()
    while pair.server.state is not DtlsState.CONNECTED:
        pair.step()
    for payload, _ in pair.server.send([b"first words"]):
        pair.carry("server", payload)
    pair.run()
    assert pair.received["client"] == [b"first words"]


def test_data_in_the_datagram_of_the_last_flight_is_delivered() -> None:
    pair = DtlsPair(lose=lambda sender, number, _: sender == "server" and number == 1)
    pair.start()
    while pair.server.state is not DtlsState.CONNECTED:
        pair.step()
    ((payload, _),) = pair.server.send([b"first words"])
    assert pair.client.receive([pair.sent["server"][1] + payload], 0.0) == [b"first words"]


def test_random_order_of_early_data_never_breaks_the_handshake() -> None:
    for seed in range(20):
        pair = DtlsPair(seed=seed, jitter=0.1)
        pair.start()
        while pair.server.state is not DtlsState.CONNECTED:
            pair.step()
        packets = [random.Random(seed).randbytes(50) for _ in range(20)]
        for packet in packets:
            for payload, _ in pair.server.send([packet]):
                pair.carry("server", payload)
        pair.run()
        assert pair.client.state is DtlsState.CONNECTED
        assert set(pair.received["client"]) <= set(packets)


def test_data_and_close_in_the_datagram_of_the_last_flight() -> None:
    pair = DtlsPair(lose=lambda sender, number, _: sender == "server" and number == 1)
    pair.start()
    while pair.server.state is not DtlsState.CONNECTED:
        pair.step()
    ((payload, _),) = pair.server.send([b"only words"])
    pair.server.close()
    datagram = b"".join([pair.sent["server"][1], payload, *pair.server.transmits()])
    assert pair.client.receive([datagram], 0.0) == [b"only words"]
    assert pair.client.state is DtlsState.CLOSED
