"""A plain OpenSSL endpoint on the other side, with its own ideas about ciphers and messages."""

from collections.abc import Callable
from typing import Any

import pytest
from OpenSSL import SSL

from purertc.sansio.dtls import DtlsState, DtlsTransport
from tests.support.dtls_pair import certificate, events_of

FOREIGN = certificate(2)


def foreign_endpoint(*, client: bool, ciphers: bytes = b"DEFAULT") -> SSL.Connection:
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_cipher_list(ciphers)
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_arguments: True)
    context.use_certificate(FOREIGN.x509)
    context.use_privatekey(FOREIGN.private_key)
    connection = SSL.Connection(context)
    (connection.set_connect_state if client else connection.set_accept_state)()
    return connection


def pump(action: Callable[[], object]) -> None:
    try:
        action()
    except (SSL.WantReadError, SSL.ZeroReturnError):
        return


def output_of(connection: SSL.Connection) -> list[bytes]:
    try:
        return [connection.bio_read(65536)]
    except SSL.WantReadError:
        return []


def exchange(transport: DtlsTransport, foreign: SSL.Connection) -> None:
    """Go on with the handshake for as long as it takes."""
    for _ in range(6):
        pump(foreign.do_handshake)
        transport.receive(output_of(foreign), 0.0)
        for datagram in transport.transmits():
            foreign.bio_write(datagram)


def connect(*, we_are_client: bool, ciphers: bytes) -> tuple[DtlsTransport, SSL.Connection]:
    transport = DtlsTransport(certificate(1))
    transport.start(client=we_are_client, remote_fingerprints=FOREIGN.fingerprints, now=0.0)
    foreign = foreign_endpoint(client=not we_are_client, ciphers=ciphers)
    exchange(transport, foreign)
    return transport, foreign


@pytest.mark.parametrize("we_are_client", [True, False])
@pytest.mark.parametrize(
    "cipher",
    [
        b"DEFAULT",
        b"ECDHE-ECDSA-AES128-GCM-SHA256",
        b"ECDHE-ECDSA-AES256-GCM-SHA384",
        b"ECDHE-ECDSA-CHACHA20-POLY1305",
    ],
)
def test_data_flows_with_every_cipher(we_are_client: bool, cipher: bytes) -> None:
    transport, foreign = connect(we_are_client=we_are_client, ciphers=cipher)
    assert transport.state is DtlsState.CONNECTED
    foreign.send(b"hello")
    assert transport.receive(output_of(foreign), 0.0) == [b"hello"]
    ((payload, size),) = transport.send([b"one", b"two"])
    foreign.bio_write(payload)
    assert [foreign.recv(100), foreign.recv(100)] == [b"one", b"two"]
    assert 2 * size == len(payload)


def test_only_old_ciphers_fail_with_a_reason() -> None:
    transport = DtlsTransport(certificate(1))
    transport.start(client=False, remote_fingerprints=FOREIGN.fingerprints, now=0.0)
    foreign = foreign_endpoint(client=True, ciphers=b"ECDHE-ECDSA-AES128-SHA")
    pump(foreign.do_handshake)
    transport.receive(output_of(foreign), 0.0)
    assert transport.state is DtlsState.FAILED
    assert transport.transmits()[0][0] == 21, "an alert tells the peer"


def test_a_peer_without_a_certificate_is_refused() -> None:
    transport = DtlsTransport(certificate(1))
    transport.start(client=False, remote_fingerprints=FOREIGN.fingerprints, now=0.0)
    context = SSL.Context(SSL.DTLS_METHOD)
    foreign = SSL.Connection(context)
    foreign.set_connect_state()
    for _ in range(2):
        pump(foreign.do_handshake)
        transport.receive(output_of(foreign), 0.0)
        for datagram in transport.transmits():
            foreign.bio_write(datagram)
    assert transport.state is DtlsState.FAILED


def test_renegotiation_is_refused_and_the_connection_goes_on() -> None:
    transport, foreign = connect(we_are_client=False, ciphers=b"DEFAULT")
    foreign.renegotiate()
    pump(foreign.do_handshake)
    transport.receive(output_of(foreign), 0.0)
    assert transport.state is DtlsState.CONNECTED
    refusal = transport.transmits()
    assert refusal[0][0] == 21, "no_renegotiation (RFC 5246 section 7.2.2)"


def test_a_fatal_alert_ends_the_connection_with_a_reason() -> None:
    transport, foreign = connect(we_are_client=False, ciphers=b"DEFAULT")
    foreign.renegotiate()
    pump(foreign.do_handshake)
    transport.receive(output_of(foreign), 0.0)
    for datagram in transport.transmits():
        foreign.bio_write(datagram)
    with pytest.raises(SSL.Error):
        foreign.do_handshake()
    assert transport.receive(output_of(foreign), 0.0) == []
    assert transport.state is DtlsState.FAILED
    assert "alert" in events_of(transport)[-1].reason


def test_an_error_that_others_left_in_the_queue_of_openssl_harms_nothing() -> None:
    transport, foreign = connect(we_are_client=True, ciphers=b"DEFAULT")
    for number in range(3):
        foreign.send(b"%d" % number)
    records = output_of(foreign)
    lib: Any = vars(SSL)["_lib"]
    lib.ERR_put_error(20, 0, 1, vars(SSL)["_ffi"].NULL, 0)
    assert lib.ERR_peek_error()
    assert transport.receive(records, 0.0) == [b"0", b"1", b"2"]
    assert transport.state is DtlsState.CONNECTED


def test_close_notify_from_the_peer() -> None:
    transport, foreign = connect(we_are_client=False, ciphers=b"DEFAULT")
    foreign.shutdown()
    transport.receive(output_of(foreign), 0.0)
    assert transport.state is DtlsState.CLOSED
