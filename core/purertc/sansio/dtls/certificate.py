"""The certificate with which a peer proves that it is the one the description spoke of."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from purertc.errors import ArgumentError
from purertc.sansio.dtls.fingerprint import HASH_FUNCTIONS, fingerprint_of
from purertc.sansio.entropy import Entropy
from purertc.sansio.types import Fingerprint

__all__ = ["Certificate", "PrivateKey"]

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_VALID_BEFORE = timedelta(days=1)
_VALID_AFTER = timedelta(days=30)


class Certificate:
    """A self-signed certificate with its private key (W3C webrtc-pc section 4.9).

    ``x509`` and ``private_key`` are the objects of the ``cryptography`` package.
    """

    def __init__(self, certificate: x509.Certificate, private_key: PrivateKey) -> None:
        if certificate.public_key() != private_key.public_key():
            raise ArgumentError("the private key does not belong to the certificate")
        self.x509 = certificate
        self.private_key = private_key

    @classmethod
    def generate(cls, *, now_utc: datetime, entropy: Entropy | None = None) -> Self:
        """Make an ECDSA P-256 key and a certificate valid from one day ago for 30 days.

        ``now_utc`` is the time of day with its time zone. Serial number and name are random and
        say nothing about the machine; ``entropy`` makes them repeatable, but never the key.
        """
        private_key = ec.generate_private_key(ec.SECP256R1())
        serial = (
            x509.random_serial_number()
            if entropy is None
            else int.from_bytes(entropy(16), "big") >> 1 or 1
        )
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{serial:032x}"[:32])])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(private_key.public_key())
            .serial_number(serial)
            .not_valid_before(now_utc - _VALID_BEFORE)
            .not_valid_after(now_utc + _VALID_AFTER)
            .sign(private_key, hashes.SHA256())
        )
        return cls(certificate, private_key)

    @property
    def expires(self) -> datetime:
        """When the certificate stops being valid, in UTC."""
        return self.x509.not_valid_after_utc

    @cached_property
    def der(self) -> bytes:
        """The certificate as it goes over the wire."""
        return self.x509.public_bytes(Encoding.DER)

    @cached_property
    def fingerprints(self) -> tuple[Fingerprint, ...]:
        """One fingerprint per supported hash function, for the description (RFC 8122)."""
        return tuple(fingerprint_of(self.der, algorithm) for algorithm in HASH_FUNCTIONS)

    def to_pem(self) -> str:
        """Return the private key (PKCS #8, unencrypted) and the certificate as PEM text."""
        key = self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return (key + self.x509.public_bytes(Encoding.PEM)).decode("ascii")

    @classmethod
    def from_pem(cls, text: str) -> Self:
        """Read what :meth:`to_pem` wrote, or any unencrypted ECDSA or RSA key with certificate.

        Raises ArgumentError when key or certificate is missing or cannot be used.
        """
        data = text.encode("utf-8")
        try:
            private_key = load_pem_private_key(data, password=None)
            certificate = x509.load_pem_x509_certificate(data)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ArgumentError(
                f"the PEM text must hold an unencrypted private key and a certificate: {error}"
            ) from error
        if not isinstance(private_key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise ArgumentError("the private key must be an ECDSA or RSA key")
        return cls(certificate, private_key)
