"""The DTLS transport: handshake, packets, closing (RFC 6347, RFC 8827 section 6.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from purertc.errors import InvalidStateError, ProtocolError
from purertc.sansio.dtls.certificate import Certificate
from purertc.sansio.dtls.engine.openssl import MISMATCH, OpenSslEngine
from purertc.sansio.dtls.fingerprint import certificate_matches, has_supported
from purertc.sansio.dtls.flight import Flight
from purertc.sansio.dtls.protection import protections
from purertc.sansio.dtls.record import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    HEADER_SIZE,
    epoch_of,
    is_plausible_handshake,
    is_protected,
    sequence_of,
    split_records,
)
from purertc.sansio.dtls.record_layer import RecordLayer
from purertc.sansio.dtls.segments import join_segments
from purertc.sansio.timers import TimerTable
from purertc.sansio.types import Fingerprint

__all__ = ["DtlsState", "DtlsStateChanged", "DtlsTransport"]

_MTU = 1200
_MAX_EARLY_DATAGRAMS = 16
_HANDSHAKE_TIMEOUT = 30.0
_MIN_REPEAT_INTERVAL = 0.05
_MAX_PROTECTED_IN_HANDSHAKE = 256
_PROTECTED_DATA = bytes((APPLICATION_DATA, 0xFE, 0xFD, 0, 1))


class DtlsState(StrEnum):
    """W3C webrtc-pc section 5.5.1, RTCDtlsTransportState."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DtlsStateChanged:
    """The transport changed state; ``reason`` says why it failed or closed, else is empty."""

    state: DtlsState
    reason: str = ""


class DtlsTransport:
    """One DTLS association over the selected ICE pair.

    ``dropped`` counts records and datagrams that were ignored: no DTLS, not authentic, or late.
    ``local_certificate`` is ours (DER); its key is let go once the handshake has begun.
    ``remote_certificate`` is the verified certificate of the other side (DER), ``cipher_suite``
    what protects the data, by the name it has with IANA, and ``is_client`` says whether this side
    began; all three are None before they are known.
    """

    def __init__(self, certificate: Certificate) -> None:
        self.state = DtlsState.NEW
        self.remote_certificate: bytes | None = None
        self.cipher_suite: str | None = None
        self.is_client: bool | None = None
        self.dropped = 0
        self.local_certificate = certificate.der
        self._certificate: Certificate | None = certificate
        self._fingerprints: tuple[Fingerprint, ...] = ()
        # The TLS library is there during the handshake, the record layer after it.
        self._engine: OpenSslEngine | None = None
        self._records: RecordLayer | None = None
        self._protected_numbers: dict[int, None] = {}
        self._early: list[bytes] = []
        self._flight = Flight(_MTU)
        self._repeat_after = 0.0
        self._transmits: list[bytes] = []
        self._events: list[DtlsStateChanged] = []
        self._timers = TimerTable()

    def start(
        self, *, client: bool, remote_fingerprints: Sequence[Fingerprint], now: float
    ) -> None:
        """Begin the handshake; the client sends first (``a=setup:active``, RFC 8842 section 5).

        Fails at once when none of the fingerprints uses sha-256, sha-384 or sha-512. Raises
        InvalidStateError unless the state is "new".
        """
        certificate = self._certificate
        if self.state is not DtlsState.NEW or certificate is None:
            raise InvalidStateError(f"the DTLS transport was started before; it is {self.state}")
        early, self._early = self._early, []
        if not has_supported(remote_fingerprints):
            self._fail("the remote description has no fingerprint with sha-256, sha-384 or sha-512")
            return
        self.is_client = client
        self._fingerprints = tuple(remote_fingerprints)
        # The engine has copies, and a connection that is up needs neither key nor certificate.
        self._certificate = None
        self._engine = OpenSslEngine(
            certificate,
            client=client,
            remote_fingerprints=self._fingerprints,
            mtu=_MTU,
        )
        self._set_state(DtlsState.CONNECTING)
        self._timers.set("handshake", now + _HANDSHAKE_TIMEOUT)
        if client:
            self._advance(self._engine, b"", now)
        self.receive(early, now)

    def receive(self, datagrams: Sequence[bytes], now: float) -> list[bytes]:
        """Take DTLS datagrams; return the application packets in them, in order.

        Never raises: whatever is no valid record for the present state is dropped and counted.
        A few datagrams that arrive before :meth:`start` are kept for it.
        """
        if self._engine is None and self._records is None:
            self._receive_idle(datagrams)
            return []
        packets: list[bytes] = []
        position = 0
        while self._engine is not None and position < len(datagrams):
            packets += self._receive_handshake(self._engine, datagrams[position], now)
            position += 1
        rest = datagrams[position:] if position else datagrams
        if self._records is not None:
            packets += self._receive_protected(self._records, rest, now)
        else:
            self.dropped += len(rest)
        return packets

    def send(self, packets: Sequence[bytes]) -> list[tuple[bytes, int]]:
        """Protect application packets (each at most 16 KiB), one record each.

        Returns ``(payload, segment_size)`` pairs: records of one length are joined for GSO up to
        65000 bytes and 64 segments, where only the last may be shorter; ``segment_size`` is 0 for
        a single record. Raises InvalidStateError unless the state is "connected".
        """
        layer = self._records
        if layer is None:
            raise InvalidStateError(f"the DTLS transport is {self.state}, not connected")
        if not packets:
            return []
        return join_segments(layer.protect(packets), list(map(len, packets)), layer.overhead)

    @property
    def overhead(self) -> int:
        """Bytes that a record is longer than its packet; 0 before it is known."""
        return 0 if self._records is None else self._records.overhead

    @property
    def has_output(self) -> bool:
        """Whether :meth:`transmits` gives something."""
        return bool(self._transmits)

    def transmits(self) -> list[bytes]:
        """Take the handshake and alert datagrams that are to be sent, 1200 bytes at most each."""
        transmits, self._transmits = self._transmits, []
        return transmits

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        return self._timers.next_deadline()

    def handle_timeout(self, now: float) -> None:
        """Repeat the last flight, or give up the handshake, if it is time."""
        engine = self._engine
        if engine is None:
            return
        for name in self._timers.expire(now):
            if name == "retransmit":
                self._retransmit(engine, now)
            else:
                self._fail(f"the DTLS handshake did not finish in {_HANDSHAKE_TIMEOUT:.0f} s")

    def next_event(self) -> DtlsStateChanged | None:
        """Take the next change of state, or None."""
        return self._events.pop(0) if self._events else None

    def close(self) -> None:
        """Close the association and queue close_notify; again or after a failure does nothing."""
        if self.state not in {DtlsState.CLOSED, DtlsState.FAILED}:
            self._end(DtlsState.CLOSED, "closed by this side")

    def _receive_idle(self, datagrams: Sequence[bytes]) -> None:
        """Keep what comes too early, as far as there is room; drop what comes too late."""
        room = 0
        if self.state is DtlsState.NEW:
            room = _MAX_EARLY_DATAGRAMS - len(self._early)
            self._early += datagrams[:room]
        self.dropped += max(0, len(datagrams) - room)

    def _receive_handshake(self, engine: OpenSslEngine, datagram: bytes, now: float) -> list[bytes]:
        records = split_records(datagram)
        if records is None:
            self.dropped += 1
            return []
        accepted = [record for record in records if _may_advance_handshake(record)]
        self.dropped += len(records) - len(accepted)
        accepted = [record for record in accepted if self._keeps_number(record)]
        if accepted:
            self._advance(engine, b"".join(accepted), now)
        return self._change_over(engine) if self.state is DtlsState.CONNECTED else []

    def _keeps_number(self, record: bytes) -> bool:
        """Note which protected records the TLS library sees; they must not count again later."""
        if epoch_of(record) == 0:
            return True
        if len(self._protected_numbers) >= _MAX_PROTECTED_IN_HANDSHAKE:
            self.dropped += 1
            return False
        self._protected_numbers[sequence_of(record)] = None
        return True

    def _change_over(self, engine: OpenSslEngine) -> list[bytes]:
        """Let the record layer take over; return the data that the TLS library had already."""
        try:
            packets = engine.drain()
        except ProtocolError as error:
            self._fail(f"the DTLS association failed: {error}")
            return []
        if engine.peer_closed:
            self._end(DtlsState.CLOSED, "the other side closed the DTLS association")
            return packets
        client, server = protections(engine.secrets())
        self._records = RecordLayer(
            outgoing=client if self.is_client else server,
            incoming=server if self.is_client else client,
            next_sequence=self._flight.next_protected,
            received=self._protected_numbers,
        )
        self._protected_numbers.clear()
        self._engine = None
        return packets

    def _advance(self, engine: OpenSslEngine, records: bytes, now: float) -> None:
        try:
            engine.handshake(records)
        except ProtocolError as error:
            self._transmits += self._flight.send(engine.take_output())
            self._fail(f"the DTLS handshake failed: {error}")
            return
        output = engine.take_output()
        if output:
            self._transmits += self._flight.send(output)
            self._timers.set("retransmit", now + self._flight.timeout)
        if engine.established:
            self._finish(engine)

    def _finish(self, engine: OpenSslEngine) -> None:
        certificate = engine.peer_certificate()
        if certificate is None or not certificate_matches(certificate, self._fingerprints):
            self._fail(f"the DTLS handshake failed: {MISMATCH}")
            return
        self.remote_certificate = certificate
        self.cipher_suite = engine.cipher_suite
        self._timers.clear()
        if self.is_client:
            self._flight.clear()
        self._set_state(DtlsState.CONNECTED)

    def _retransmit(self, engine: OpenSslEngine, now: float) -> None:
        # A server that has finished answers only a Finished with a new sequence number, and
        # only OpenSSL can make one, after at least a second of its own clock.
        engine.repeat_flight()
        self._transmits += self._flight.repeat(engine.take_output())
        self._timers.set("retransmit", now + self._flight.timeout)

    def _receive_protected(
        self, layer: RecordLayer, datagrams: Sequence[bytes], now: float
    ) -> list[bytes]:
        packets = layer.open_run(datagrams)
        if len(packets) == len(datagrams):
            return packets
        records: list[bytes] = []
        append = records.append
        for datagram in datagrams[len(packets) :]:
            if (
                datagram[:5] == _PROTECTED_DATA
                and len(datagram) > HEADER_SIZE
                and (datagram[11] << 8 | datagram[12]) == len(datagram) - HEADER_SIZE
            ):
                append(datagram)
            else:
                records += self._screen(datagram, now)
        others = layer.open(records)
        if len(others) != len(records):
            self._after_other_records(layer, len(records) - len(others), now)
        return packets + others

    def _after_other_records(self, layer: RecordLayer, count: int, now: float) -> None:
        """Some records held no data: the end, a repeated Finished, or forgery."""
        if layer.peer_closed:
            self._end(DtlsState.CLOSED, "the other side closed the DTLS association")
            return
        if layer.fatal_alert is not None:
            self._fail(f"the other side ended the DTLS association with alert {layer.fatal_alert}")
            return
        if layer.handshake_repeated:
            layer.handshake_repeated = False
            self._answer_repetition(now)
        if layer.renegotiation_wanted:
            layer.renegotiation_wanted = False
            self._transmits.append(layer.no_renegotiation())
        self.dropped += count

    def _screen(self, datagram: bytes, now: float) -> list[bytes]:
        """Return the protected records of a datagram that is not simply one record of data."""
        records = split_records(datagram)
        if records is None:
            self.dropped += 1
            return []
        protected = [record for record in records if is_protected(record)]
        if len(protected) < len(records):
            self.dropped += len(records) - len(protected)
            # The client repeats its last flight, so ours was lost (RFC 6347 section 4.2.4).
            if any(record[0] == HANDSHAKE for record in records if not epoch_of(record)):
                self._answer_repetition(now)
        return protected

    def _answer_repetition(self, now: float) -> None:
        """The server sends its last flight again; the client's was the one before."""
        if not self.is_client and now >= self._repeat_after:
            self._repeat_after = now + _MIN_REPEAT_INTERVAL
            self._transmits += self._flight.repeat()

    def _fail(self, reason: str) -> None:
        self._end(DtlsState.FAILED, reason)

    def _end(self, state: DtlsState, reason: str) -> None:
        if self._engine is not None:
            self._engine.shutdown()
            self._transmits += self._flight.send(self._engine.take_output())
            self._engine = None
        if self._records is not None:
            self._transmits.append(self._records.close_notify())
            self._records = None
        self._certificate = None
        self._early = []
        self._timers.clear()
        self._flight.clear()
        self._set_state(state, reason)

    def _set_state(self, state: DtlsState, reason: str = "") -> None:
        self.state = state
        self._events.append(DtlsStateChanged(state, reason))


def _may_advance_handshake(record: bytes) -> bool:
    """Whether a record may go to the TLS library before the handshake is complete."""
    kind, epoch = record[0], epoch_of(record)
    if epoch == 0:
        if kind == HANDSHAKE:
            return is_plausible_handshake(record)
        if kind == ALERT:
            return len(record) == HEADER_SIZE + 2
        return kind == CHANGE_CIPHER_SPEC and record[HEADER_SIZE:] == b"\x01"
    return is_protected(record)
