"""ICE, DTLS and SCTP of one connection, and the path of a datagram through them."""

from collections.abc import Sequence

from purertc.sansio.config import Configuration
from purertc.sansio.dtls import Certificate, DtlsState, DtlsTransport
from purertc.sansio.entropy import Entropy
from purertc.sansio.ice import IceAgent, IceConfig
from purertc.sansio.sctp import SctpAssociation, SctpConfig
from purertc.sansio.types import Datagram, Fingerprint, IceConnectionState, Transmit
from purertc.wire.demux import PacketKind, classify

__all__ = ["PeerTransport"]

_ICE_USABLE = (IceConnectionState.CONNECTED, IceConnectionState.COMPLETED)


class PeerTransport:
    """The bundled transport of a connection: SCTP over DTLS over ICE (RFC 8261).

    Datagrams are sorted by their first byte (RFC 7983). What is not STUN counts only from an
    address that ICE has validated; the rest is dropped and counted in ``dropped``.
    """

    __slots__ = ("_dtls_wanted", "dropped", "dtls", "ice", "sctp")

    def __init__(
        self, configuration: Configuration, certificate: Certificate, entropy: Entropy
    ) -> None:
        self.ice = IceAgent(
            IceConfig(
                disconnected_timeout=configuration.disconnected_timeout,
                failed_timeout=configuration.failed_timeout,
                checking_timeout=configuration.checking_timeout,
            ),
            entropy,
        )
        self.dtls = DtlsTransport(certificate)
        self.sctp = SctpAssociation(
            SctpConfig(
                receive_window=configuration.receive_window,
                max_message_size=configuration.max_message_size,
            ),
            entropy,
        )
        self.dropped = 0
        self._dtls_wanted: tuple[bool, Sequence[Fingerprint]] | None = None

    def start_dtls(self, *, client: bool, fingerprints: Sequence[Fingerprint], now: float) -> None:
        """Let the handshake begin as soon as ICE has a pair; a second call is ignored."""
        if self.dtls.state is DtlsState.NEW and self._dtls_wanted is None:
            self._dtls_wanted = (client, fingerprints)
            self.ice_changed(now)

    def ice_changed(self, now: float) -> None:
        """Begin the DTLS handshake if it only waited for ICE."""
        if self._dtls_wanted is not None and self.ice.state in _ICE_USABLE:
            client, fingerprints = self._dtls_wanted
            self._dtls_wanted = None
            self.dtls.start(client=client, remote_fingerprints=fingerprints, now=now)

    def receive(self, datagrams: Sequence[Datagram], now: float) -> None:
        """Take in a batch; what one read of a socket gave is acknowledged together."""
        ice = self.ice
        records: list[bytes] = []
        for datagram in datagrams:
            validated = ice.is_validated(datagram.source, datagram.local)
            payload = datagram.payload
            size = datagram.segment_size or len(payload)
            for start in range(0, len(payload), size or 1):
                kind = classify(payload[start])
                if kind is PacketKind.DTLS and validated:
                    records.append(payload[start : start + size])
                elif kind is PacketKind.STUN:
                    segment = payload[start : start + size]
                    ice.receive(segment, datagram.source, datagram.local, now)
                    validated = ice.is_validated(datagram.source, datagram.local)
                else:
                    self.dropped += 1
        if records:
            packets = self.dtls.receive(records, now)
            if packets:
                self.sctp.receive(packets, now)

    def transmits(self, now: float) -> list[Transmit]:
        """Return the next batch to send; an empty list when there is nothing more."""
        out = self.ice.transmits()
        pair = self.ice.selected
        if pair is None:
            return out
        remote, local = pair.remote_address, pair.local_address
        out.extend(Transmit(data, remote, local) for data in self.dtls.transmits())
        if self.dtls.state is DtlsState.CONNECTED:
            packets = self.sctp.packets(now)
            if packets:
                out.extend(
                    Transmit(payload, remote, local, segment_size)
                    for payload, segment_size in self.dtls.send(packets)
                )
        return out

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""
        self.ice.handle_timeout(now)
        self.dtls.handle_timeout(now)
        self.sctp.handle_timeout(now)

    def deadlines(self) -> dict[str, float]:
        """Return the next deadline of each machine that has one, by its name."""
        pending = {
            "ice": self.ice.next_deadline(),
            "dtls": self.dtls.next_deadline(),
            "sctp": self.sctp.next_deadline(),
        }
        return {name: at for name, at in pending.items() if at is not None}

    def close(self, now: float) -> list[Transmit]:
        """Say goodbye on every layer; return what is to be sent for it (RFC 8831 section 6.2)."""
        self.sctp.abort("the connection was closed")
        farewell = self.transmits(now)
        self.dtls.close()
        farewell += self.transmits(now)
        self.ice.close()
        return farewell
