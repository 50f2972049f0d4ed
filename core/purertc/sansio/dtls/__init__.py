"""DTLS 1.2 with mutual self-signed certificates, as WebRTC uses it (RFC 6347, RFC 8827)."""

from purertc.sansio.dtls.certificate import Certificate
from purertc.sansio.dtls.transport import DtlsState, DtlsStateChanged, DtlsTransport

__all__ = ["Certificate", "DtlsState", "DtlsStateChanged", "DtlsTransport"]
