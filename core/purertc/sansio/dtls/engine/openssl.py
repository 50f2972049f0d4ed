"""OpenSSL through pyOpenSSL's public API, over memory BIOs: records in, records out."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_ASN1, X509, dump_certificate

from purertc.errors import ProtocolError
from purertc.sansio.dtls.certificate import Certificate
from purertc.sansio.dtls.fingerprint import certificate_matches
from purertc.sansio.dtls.protection import SessionSecrets
from purertc.sansio.types import Fingerprint

__all__ = ["MISMATCH", "OpenSslEngine"]

MISMATCH = "the remote certificate does not match the fingerprints of the description"

_DTLS_1_2 = 0xFEFD
_OP_NO_RENEGOTIATION = 1 << 30  # SSL_OP_NO_RENEGOTIATION of ssl.h; pyOpenSSL does not name it

_CIPHERS = {
    "ECDHE-ECDSA-AES128-GCM-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305": "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE-RSA-CHACHA20-POLY1305": "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
}

# Peers built for media, aiortc among them, end a handshake without this extension (RFC 5764).
_SRTP_PROFILES = b"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"

_MAX_PLAINTEXT = 16384


@dataclass(slots=True)
class _Expectation:
    """What the verify callback checks against; it sees the connection only, never the engine.

    ``accepted`` is the certificate of the other side (DER) that it let pass.
    """

    fingerprints: Sequence[Fingerprint]
    accepted: bytes | None = None
    disappointed: bool = False


class OpenSslEngine:
    """One DTLS session.

    Errors that end the session are raised as ProtocolError, with the alert that is to tell the
    peer left in :meth:`take_output`.
    """

    __slots__ = ("_connection", "_expectation", "established", "peer_closed")

    def __init__(
        self,
        certificate: Certificate,
        *,
        client: bool,
        remote_fingerprints: Sequence[Fingerprint],
        mtu: int,
    ) -> None:
        connection = SSL.Connection(_context())
        connection.use_certificate(certificate.x509)
        connection.use_privatekey(certificate.private_key)
        self._expectation = _Expectation(remote_fingerprints)
        connection.set_app_data(self._expectation)
        connection.set_ciphertext_mtu(mtu)
        if client:
            connection.set_connect_state()
        else:
            connection.set_accept_state()
        self._connection = connection
        self.established = False
        self.peer_closed = False

    def handshake(self, records: bytes = b"") -> None:
        """Go on with the handshake, with the records of one datagram."""
        if records:
            self._connection.bio_write(records)
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            return
        except SSL.Error as error:
            raise ProtocolError(self._explain(error)) from error
        self.established = True

    def repeat_flight(self) -> None:
        """Let OpenSSL repeat its last flight if its own clock, too, says that it is time."""
        with suppress(SSL.Error):
            self._connection.DTLSv1_handle_timeout()

    def take_output(self) -> bytes:
        """Return the records that are to be sent, joined."""
        output = []
        try:
            while True:
                output.append(self._connection.bio_read(_MAX_PLAINTEXT))
        except SSL.WantReadError:
            return b"".join(output)

    def peer_certificate(self) -> bytes | None:
        """Return the certificate of the other side (DER); None when it has not been accepted."""
        return self._expectation.accepted

    @property
    def cipher_suite(self) -> str | None:
        """The name that the IANA registry has for the cipher suite in use."""
        return _CIPHERS.get(self._connection.get_cipher_name() or "")

    def drain(self) -> list[bytes]:
        """Return the application data that came along with the last handshake records."""
        plaintexts: list[bytes] = []
        try:
            while not self.peer_closed:
                self._read_one(_MAX_PLAINTEXT, plaintexts)
        except SSL.WantReadError:
            return plaintexts
        return plaintexts

    def secrets(self) -> SessionSecrets:
        """Return what the keys of an established session are made of."""
        connection = self._connection
        return SessionSecrets(
            cipher=connection.get_cipher_name() or "",
            master_secret=connection.master_key() or b"",
            client_random=connection.client_random() or b"",
            server_random=connection.server_random() or b"",
        )

    def shutdown(self) -> None:
        """Queue close_notify, unless the session never got that far or has failed."""
        with suppress(SSL.Error):
            self._connection.shutdown()

    def _read_one(self, limit: int, plaintexts: list[bytes]) -> None:
        try:
            plaintexts.append(self._connection.recv(limit))
        except SSL.WantReadError:
            raise
        except SSL.Error as error:
            self._check(error)

    def _check(self, error: SSL.Error) -> None:
        """Tell the end of the session from an error that some other use of OpenSSL left behind."""
        if isinstance(error, SSL.ZeroReturnError):
            self.peer_closed = True
        elif self._is_dead():
            raise ProtocolError(self._explain(error)) from error

    def _is_dead(self) -> bool:
        connection = self._connection
        return bool(
            connection.get_shutdown() & SSL.RECEIVED_SHUTDOWN
            or connection.get_state_string() == b"error"
        )

    def _explain(self, error: SSL.Error) -> str:
        """Say what went wrong, in OpenSSL's words where we have none of our own."""
        if self._expectation.disappointed:
            return MISMATCH
        queue = error.args[0] if error.args else ()
        if isinstance(queue, list) and queue:
            return str(queue[-1][-1])
        return str(error) or type(error).__name__


@cache
def _context() -> SSL.Context:
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_min_proto_version(_DTLS_1_2)
    context.set_max_proto_version(_DTLS_1_2)
    context.set_options(
        SSL.OP_NO_QUERY_MTU | SSL.OP_NO_TICKET | SSL.OP_NO_COMPRESSION | _OP_NO_RENEGOTIATION
    )
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_cipher_list(":".join(_CIPHERS).encode())
    context.set_tlsext_use_srtp(_SRTP_PROFILES)
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _verify)
    return context


def _verify(
    connection: SSL.Connection, certificate: X509, _error: int, depth: int, _accepted: int
) -> bool:
    """Accept the certificate that the fingerprints stand for, whoever signed it.

    When this fails OpenSSL sends the fatal alert that RFC 8122 section 6.2 asks for. (It says
    unknown_ca rather than bad_certificate, as the chain is self-signed as well.)
    """
    if depth > 0:
        return True
    expectation = connection.get_app_data()
    der = dump_certificate(FILETYPE_ASN1, certificate)
    # OpenSSL asks more than once, for each thing that it does not like.
    if der == expectation.accepted or certificate_matches(der, expectation.fingerprints):
        expectation.accepted = der
        return True
    expectation.disappointed = True
    return False
