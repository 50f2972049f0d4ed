"""aiortc.rtcdtlstransport: certificates, and a view of the DTLS transport."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import purertc
from purertc_compat._absent import describe_absence
from purertc_compat._emitter import LegacyEmitter
from purertc_compat._sdp_view import sections
from purertc_compat.rtcicetransport import RTCIceTransport

__all__ = ["RTCCertificate", "RTCDtlsFingerprint", "RTCDtlsParameters", "RTCDtlsTransport"]

__path__, __getattr__ = describe_absence(__name__)


PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass
class RTCDtlsFingerprint:
    """The hash of a certificate (RFC 8122)."""

    algorithm: str
    value: str


@dataclass
class RTCDtlsParameters:
    """What one side says about its DTLS endpoint."""

    fingerprints: list[RTCDtlsFingerprint] = field(default_factory=list)
    role: str = "auto"


class RTCDtlsTransport(LegacyEmitter):
    """A view of the DTLS transport; emits ``statechange``."""

    def __init__(self, transport: RTCIceTransport) -> None:
        if not isinstance(transport, RTCIceTransport):
            raise NotImplementedError(
                "an RTCDtlsTransport over another transport is not available in purertc_compat yet"
            )
        super().__init__()
        self._transport = transport
        self._state = "new"
        self.encrypted = False

    @property
    def state(self) -> str:
        """``new``, ``connecting``, ``connected``, ``closed`` or ``failed``."""
        return self._state

    @property
    def transport(self) -> RTCIceTransport:
        """The ICE transport below."""
        return self._transport

    @property
    def _role(self) -> str:
        return self._transport.iceGatherer._texts.dtls_role

    def getLocalParameters(self) -> RTCDtlsParameters:  # noqa: N802
        """Return the fingerprints; none before the first offer or answer is made."""
        parameters = RTCDtlsParameters(role=self._role)
        for section in sections(self._transport.iceGatherer._texts.local_text or "")[:1]:
            for line in section.values("fingerprint"):
                algorithm, _, value = line.partition(" ")
                parameters.fingerprints.append(RTCDtlsFingerprint(algorithm, value))
        return parameters

    def _set_closed(self) -> list[LegacyEmitter]:
        """Be closed, with the ICE transport; return those that have to say so."""
        changed: list[LegacyEmitter] = []
        for transport in (self._transport, self):
            if transport._state != "closed":
                transport._state = "closed"
                changed.append(transport)
        return changed

    def _end(self) -> None:
        """Drop the listeners, here and below."""
        for emitter in (self, self._transport, self._transport.iceGatherer):
            emitter.remove_all_listeners()


class RTCCertificate:
    """A certificate with its key, as py-libp2p and others make them."""

    def __init__(self, key: PrivateKey, cert: x509.Certificate) -> None:
        self._key = key
        self._cert = cert

    @property
    def expires(self) -> datetime:
        """When it stops to be valid, in UTC."""
        return self._cert.not_valid_after_utc

    def getFingerprints(self) -> list[RTCDtlsFingerprint]:  # noqa: N802
        """Return the SHA-256, SHA-384 and SHA-512 fingerprints."""
        return [
            RTCDtlsFingerprint(fingerprint.algorithm, fingerprint.value)
            for fingerprint in purertc.Certificate(self._cert, self._key).fingerprints
        ]

    @classmethod
    def generateCertificate(cls) -> Self:  # noqa: N802
        """Make a new key on P-256 and a certificate for it."""
        made = purertc.Certificate.generate(now_utc=datetime.now(UTC))
        return cls(key=made.private_key, cert=made.x509)
