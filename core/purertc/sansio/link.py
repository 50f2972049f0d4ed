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
        """Check that a new description keeps role and certificate. Raises SdpError.

        Changing either would need a new DTLS association (RFC 8842 section 5.1).
        """
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
        """Check that a new description asks nothing new of ICE and SCTP. Raises SdpError."""
        if data.ice != self.remote.ice:
            raise SdpError(
                "the description restarts ICE (other ice-ufrag, ice-pwd or ice-lite), which is not"
                " supported; make a new connection instead"
            )
        if data.sctp_port != self.remote.sctp_port:
            raise SdpError(
                f"a=sctp-port:{data.sctp_port} would need a new association; make a new connection"
                " instead"
            )

    def restarted_by(self, data: RemoteSession) -> bool:
        """Whether a new description restarts ICE (RFC 8839 section 4.4.1.1.1)."""
        old, new = self.remote.ice, data.ice
        return (old.username_fragment, old.password) != (new.username_fragment, new.password)
