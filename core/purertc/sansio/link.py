"""The transport as negotiated, which outlives later offers and their rollbacks."""

from dataclasses import dataclass

from purertc.errors import SdpError
from purertc.sansio.session import RemoteSession
from purertc.wire.sdp_grammar import Setup

__all__ = ["Link"]


@dataclass(frozen=True, slots=True)
class Link:
    """What both sides settled on: the other side's section, and who plays which role."""

    remote: RemoteSession
    dtls_client: bool
    controlling: bool

    def check_kept_by(self, data: RemoteSession) -> None:
        """Check that a new description keeps roles and certificate. Raises SdpError.

        Another DTLS role or certificate would need a new association (RFC 8842 section 5.1). A
        full ICE agent that becomes a lite one, or the reverse, would change the ICE roles (RFC
        8445 section 6.1.1).
        """
        if data.ice.lite != self.remote.ice.lite:
            raise SdpError("a=ice-lite came or went; make a new connection instead")
        if data.setup is (Setup.ACTIVE if self.dtls_client else Setup.PASSIVE):
            raise SdpError(
                f"a=setup:{data.setup} would change the DTLS roles of the running association"
            )
        algorithms = {fingerprint.algorithm for fingerprint in self.remote.fingerprints}
        known = set(self.remote.fingerprints)
        shared = {print_ for print_ in data.fingerprints if print_.algorithm in algorithms}
        if shared and not shared & known:
            raise SdpError("the fingerprint changed; a new certificate needs a new connection")

    def check_transport_kept_by(self, data: RemoteSession) -> None:
        """Check that a new description asks nothing new of SCTP. Raises SdpError."""
        if data.sctp_port != self.remote.sctp_port:
            raise SdpError(
                f"a=sctp-port:{data.sctp_port} would need a new association; make a new connection"
                " instead"
            )
