"""ICE, DTLS and SCTP of one connection, and the path of a datagram through them."""

from collections.abc import Sequence

from purertc.sansio.config import Configuration
from purertc.sansio.dtls import Certificate, DtlsState, DtlsTransport
from purertc.sansio.entropy import Entropy
from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.ice.connectivity import Connectivity
from purertc.sansio.packet_size import PacketSize
from purertc.sansio.sctp import SctpAssociation, SctpConfig
from purertc.sansio.streams import Stream
from purertc.sansio.types import Datagram, Fingerprint, IceConnectionState, Transmit, Transport
from purertc.wire.demux import KINDS, PacketKind

__all__ = ["PeerTransport"]

_DTLS = PacketKind.DTLS
_ICE_USABLE = (IceConnectionState.CONNECTED, IceConnectionState.COMPLETED)


class PeerTransport:
    """The bundled transport of a connection: SCTP over DTLS over ICE (RFC 8261).

    Datagrams are sorted by their first byte (RFC 7983). What is not STUN counts only from an
    address that ICE has validated; the rest is dropped and counted in ``dropped``.
    """

    __slots__ = (
        "_dtls_wanted",
        "_packet_size",
        "connectivity",
        "dropped",
        "dtls",
        "had_data",
        "ice",
        "sctp",
        "sent_indirectly",
    )

    def __init__(
        self, configuration: Configuration, certificate: Certificate, entropy: Entropy
    ) -> None:
        self.connectivity = Connectivity(configuration, entropy)
        self.ice = self.connectivity.agent
        self.dtls = DtlsTransport(certificate)
        self.sctp = SctpAssociation(
            SctpConfig(
                receive_window=configuration.receive_window,
                max_message_size=configuration.max_message_size,
                zero_checksum=True,
            ),
            entropy,
        )
        limit = configuration.network.max_path_mtu
        self._packet_size = PacketSize(self.dtls, self.sctp, limit)
        self.dropped = 0
        self.sent_indirectly = False
        """Whether the last :meth:`transmits` sent data over a stream or a relay."""
        self.had_data = False
        """Whether DTLS or SCTP had something to send then, and a path for it."""
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

    def receive(self, datagrams: Sequence[Datagram], now: float) -> bool:
        """Take in a batch; what one read of a socket gave is acknowledged together.

        Returns whether there was anything but checks of the path.
        """
        connectivity = self.connectivity
        records: list[bytes] = []
        for datagram in datagrams:
            if not connectivity.is_plain and connectivity.from_server(datagram):
                for relayed in connectivity.unwrap(datagram, now):
                    self._sort(relayed, Transport.UDP, records, now)
            else:
                self._sort(datagram, Transport.UDP, records, now)
        self._receive_records(records, now)
        return bool(records)

    def receive_stream(self, stream: Stream, data: bytes, now: float) -> None:
        """Take in bytes of a TCP connection."""
        ice_over_tcp = self.connectivity.owns_stream(stream)
        transport = Transport.TCP if ice_over_tcp else Transport.UDP
        records: list[bytes] = []
        for datagram in self.connectivity.receive_stream(stream, data, now):
            self._sort(datagram, transport, records, now)
            if ice_over_tcp and self.ice.is_validated(datagram.source, datagram.local, transport):
                self.connectivity.stream_proved(stream)
        self._receive_records(records, now)

    def _sort(
        self, datagram: Datagram, transport: Transport, records: list[bytes], now: float
    ) -> None:
        """Give STUN to ICE; collect DTLS records that may be decrypted."""
        ice = self.ice
        source, local, payload = datagram.source, datagram.local, datagram.payload
        pair = ice.validated_pair(source, local, transport)
        size = datagram.segment_size
        if not size and payload and pair is not None and KINDS[payload[0]] is _DTLS:
            records.append(payload)
            pair.packets_received += 1
            pair.bytes_received += len(payload)
            return
        before, taken_size = len(records), 0
        size = size or len(payload)
        for start in range(0, len(payload), size or 1):
            segment = payload[start : start + size]
            kind = KINDS[segment[0]]
            if kind is _DTLS and pair is not None:
                records.append(segment)
                taken_size += len(segment)
            elif kind is PacketKind.STUN:
                ice.receive(segment, source, local, now, transport)
                pair = ice.validated_pair(source, local, transport)
            else:
                self.dropped += 1
        if taken_size and pair is not None:
            pair.packets_received += len(records) - before
            pair.bytes_received += taken_size

    def _receive_records(self, records: list[bytes], now: float) -> None:
        if records:
            packets = self.dtls.receive(records, now)
            if packets:
                self.sctp.receive(packets, now)

    def transmits(self, now: float) -> list[Transmit]:
        """Return the next batch to send; an empty list when there is nothing more."""
        self.sent_indirectly = False
        connectivity = self.connectivity
        out = connectivity.transmits(now)
        pair = self.ice.selected
        self.had_data = pair is not None and self.has_data
        if pair is None or not self.had_data:
            return out
        if connectivity.is_plain or connectivity.is_direct(pair.local_address, pair.transport):
            out += self._data(pair, now)
            return out
        while data := self._data(pair, now):
            # What goes over a stream leaves nothing here that would make the owner ask again.
            self.sent_indirectly = True
            for transmit in data:
                self.connectivity.send_indirect(transmit, now)
            out += self.connectivity.transmits(now)
        return out

    def _data(self, pair: CandidatePair, now: float) -> list[Transmit]:
        """Return DTLS and SCTP packets for the selected pair."""
        remote, local, transport = pair.remote_address, pair.local_address, pair.transport
        out: list[Transmit] = []
        if self.dtls.has_output:
            out += [Transmit(data, remote, local, 0, transport) for data in self.dtls.transmits()]
        if self.dtls.state is DtlsState.CONNECTED:
            self._packet_size.before(pair, now)
            packets = self.sctp.packets(now)
            if packets:
                made = [
                    Transmit(payload, remote, local, segment_size, transport)
                    for payload, segment_size in self.dtls.send(packets)
                ]
                self._packet_size.after(made, now)
                out += made
        for transmit in out:
            size, segment = len(transmit.payload), transmit.segment_size
            pair.packets_sent += -(-size // segment) if segment else 1
            pair.bytes_sent += size
        return out

    @property
    def has_more_checks(self) -> bool:
        """Whether another call of :meth:`transmits` may give something of ICE, or of servers."""
        return not self.connectivity.is_plain or self.ice.has_output

    @property
    def has_data(self) -> bool:
        """Whether DTLS or SCTP may have something to send."""
        dtls = self.dtls
        if dtls.has_output:
            return True
        return dtls.state is DtlsState.CONNECTED and self.sctp.has_output()

    def handle_path_timeout(self, now: float) -> None:
        """Run what is due of ICE and of servers."""
        at = self.connectivity.next_deadline()
        if at is not None and at <= now:
            self.connectivity.handle_timeout(now)

    def handle_data_timeout(self, now: float) -> None:
        """Run what is due of DTLS and SCTP."""
        self.dtls.handle_timeout(now)
        self.sctp.handle_timeout(now)

    def data_deadline(self) -> float | None:
        """Return when :meth:`handle_data_timeout` is due, or None.

        Without a path DTLS and SCTP wait: an ICE restart may come, however late.
        """
        if self.ice.selected is None:
            return None
        dtls, sctp = self.dtls.next_deadline(), self.sctp.next_deadline()
        if dtls is None or sctp is None:
            return sctp if dtls is None else dtls
        return min(dtls, sctp)

    def deadlines(self) -> dict[str, float]:
        """Return the next deadline of each machine that has one, by its name."""
        pending = {"ice": self.connectivity.next_deadline()}
        if self.ice.selected is not None:
            pending["dtls"] = self.dtls.next_deadline()
            pending["sctp"] = self.sctp.next_deadline()
        return {name: at for name, at in pending.items() if at is not None}

    def close(self, now: float) -> list[Transmit]:
        """Say goodbye on every layer; return what is to be sent for it (RFC 8831 section 6.2)."""
        self.sctp.abort("the connection was closed")
        farewell = self.transmits(now)
        self.dtls.close()
        farewell += self.transmits(now)
        self.connectivity.close(now)
        farewell += self.connectivity.transmits(now)
        return farewell
