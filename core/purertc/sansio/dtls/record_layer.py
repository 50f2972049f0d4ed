"""Protected records of an established session: epoch 1 of DTLS 1.2 (RFC 6347 section 4.1).

The TLS library does the handshake and is let go then: a batch of records costs less here, and an
idle session keeps a few hundred bytes instead of the library's buffers.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag

from purertc.sansio.dtls.protection import Protection
from purertc.sansio.dtls.record import ALERT, APPLICATION_DATA, HANDSHAKE, HEADER_SIZE

__all__ = ["RecordLayer"]

_VERSION: Final = b"\xfe\xfd"
_DATA_HEADER: Final = bytes((APPLICATION_DATA,)) + _VERSION
_EPOCH: Final = 1 << 48
_EXPLICIT_SIZE: Final = 8
_TAG_SIZE: Final = 16
_WINDOW: Final = 1024
_CLOSE_NOTIFY: Final = b"\x01\x00"
_NO_RENEGOTIATION: Final = b"\x01\x64"
_FINISHED: Final = b"\x14"
_FATAL: Final = 2


class RecordLayer:
    """Protects and opens records, each number at most once in each direction.

    ``peer_closed``: close_notify came. ``fatal_alert``: the other side gave up with this alert.
    ``handshake_repeated``: an authentic Finished came, so the other side has not seen our last
    flight. ``renegotiation_wanted``: it wants to begin a new handshake. Whoever reads one of the
    last two sets it back.
    """

    __slots__ = (
        "_explicit",
        "_highest",
        "_incoming",
        "_outgoing",
        "_seen",
        "_sequence",
        "fatal_alert",
        "handshake_repeated",
        "overhead",
        "peer_closed",
        "renegotiation_wanted",
    )

    def __init__(
        self,
        *,
        outgoing: Protection,
        incoming: Protection,
        next_sequence: int,
        received: Iterable[int],
    ) -> None:
        self._outgoing = outgoing
        self._incoming = incoming
        self._explicit = outgoing.explicit_nonce
        self._sequence = _EPOCH | next_sequence
        self._highest = -1
        self._seen = -1
        """Bit n says whether record ``_highest - n`` came; -1, all of them, is the usual case."""
        for sequence in sorted(received):
            self._note(sequence)
        self.overhead = HEADER_SIZE + _TAG_SIZE + (_EXPLICIT_SIZE if self._explicit else 0)
        """Bytes that a record is longer than what it carries."""
        self.peer_closed = False
        self.fatal_alert: int | None = None
        self.handshake_repeated = False
        self.renegotiation_wanted = False

    def protect(self, packets: Sequence[bytes]) -> bytes:
        """Return one record of application data for each packet, joined."""
        if not self._explicit:
            return b"".join([self._record(APPLICATION_DATA, packet) for packet in packets])
        encrypt, salt = self._outgoing.aead.encrypt, self._outgoing.iv
        sequence = self._sequence
        records: list[bytes] = []
        append = records.append
        size = -1
        fragment_size = associated_end = b""
        for packet in packets:
            if len(packet) != size:
                size = len(packet)
                fragment_size = (size + _EXPLICIT_SIZE + _TAG_SIZE).to_bytes(2, "big")
                associated_end = _DATA_HEADER + size.to_bytes(2, "big")
            number = sequence.to_bytes(8, "big")
            append(_DATA_HEADER + number + fragment_size + number)
            append(encrypt(salt + number, packet, number + associated_end))
            sequence += 1
        self._sequence = sequence
        return b"".join(records)

    def close_notify(self) -> bytes:
        """Return the record that says goodbye (RFC 5246 section 7.2.1)."""
        return self._record(ALERT, _CLOSE_NOTIFY)

    def no_renegotiation(self) -> bytes:
        """Return the record that refuses a new handshake (RFC 5246 section 7.2.2)."""
        return self._record(ALERT, _NO_RENEGOTIATION)

    def open(self, records: Sequence[bytes]) -> list[bytes]:
        """Return the application data of whole records of epoch 1, in order.

        Records that are not authentic, or come again, give none.
        """
        plaintexts: list[bytes] = []
        for record in records:
            sequence = int.from_bytes(record[5:11], "big")
            if sequence <= self._highest and self._is_replayed(sequence):
                continue
            plaintext = self._decrypt(record)
            if plaintext is None:
                continue
            self._note(sequence)
            if record[0] == APPLICATION_DATA:
                plaintexts.append(plaintext)
            elif not self._take_control(record[0], plaintext):
                break
        if self._seen != -1:
            self._seen |= -1 << _WINDOW
        return plaintexts

    def open_run(self, datagrams: Sequence[bytes]) -> list[bytes]:
        """Return the data of datagrams as long as each is one data record, the next in order."""
        plaintexts: list[bytes] = []
        if not self._explicit:
            return plaintexts
        decrypt, salt = self._incoming.aead.decrypt, self._incoming.iv
        append = plaintexts.append
        expected = _EPOCH | (self._highest + 1)
        size = -1
        fragment_size = associated_end = b""
        for datagram in datagrams:
            if len(datagram) != size:
                size = len(datagram)
                plain = size - HEADER_SIZE - _EXPLICIT_SIZE - _TAG_SIZE
                if plain < 0:
                    break
                fragment_size = (size - HEADER_SIZE).to_bytes(2, "big")
                associated_end = _DATA_HEADER + plain.to_bytes(2, "big")
            number = expected.to_bytes(8, "big")
            if datagram[:13] != _DATA_HEADER + number + fragment_size:
                break
            try:
                append(decrypt(salt + datagram[13:21], datagram[21:], number + associated_end))
            except InvalidTag:
                break
            expected += 1
        count = len(plaintexts)
        self._highest += count
        if self._seen != -1:
            self._seen = (self._seen + 1 << min(count, _WINDOW)) - 1
        return plaintexts

    def _decrypt(self, record: bytes) -> bytes | None:
        incoming = self._incoming
        if incoming.explicit_nonce:
            nonce = incoming.iv + record[13:21]
            begin = HEADER_SIZE + _EXPLICIT_SIZE
        else:
            nonce = _mixed_nonce(incoming.iv, record[3:11])
            begin = HEADER_SIZE
        size = len(record) - begin - _TAG_SIZE
        if size < 0:
            return None
        associated = record[3:11] + record[:3] + size.to_bytes(2, "big")
        try:
            return incoming.aead.decrypt(nonce, record[begin:], associated)
        except InvalidTag:
            return None

    def _take_control(self, kind: int, plaintext: bytes) -> bool:
        """Note an alert or a handshake message; return whether the session goes on."""
        if kind == HANDSHAKE:
            if plaintext[:1] == _FINISHED:
                self.handshake_repeated = True
            else:
                self.renegotiation_wanted = True
        elif kind == ALERT and len(plaintext) == 2:
            if plaintext[1] == _CLOSE_NOTIFY[1]:
                self.peer_closed = True
                return False
            if plaintext[0] == _FATAL:
                self.fatal_alert = plaintext[1]
                return False
        return True

    def _record(self, kind: int, data: bytes) -> bytes:
        outgoing, number = self._outgoing, self._sequence.to_bytes(8, "big")
        self._sequence += 1
        head = bytes((kind,)) + _VERSION
        associated = number + head + len(data).to_bytes(2, "big")
        if outgoing.explicit_nonce:
            fragment = number + outgoing.aead.encrypt(outgoing.iv + number, data, associated)
        else:
            nonce = _mixed_nonce(outgoing.iv, number)
            fragment = outgoing.aead.encrypt(nonce, data, associated)
        return head + number + len(fragment).to_bytes(2, "big") + fragment

    def _is_replayed(self, sequence: int) -> bool:
        """RFC 6347 section 4.1.2.6."""
        behind = self._highest - sequence
        return behind >= _WINDOW or self._seen >> behind & 1 == 1

    def _note(self, sequence: int) -> None:
        ahead = sequence - self._highest
        if ahead > 0:
            self._seen = (self._seen << min(ahead, _WINDOW)) | 1
            self._highest = sequence
        elif -ahead < _WINDOW:
            self._seen |= 1 << -ahead


def _mixed_nonce(iv: bytes, number: bytes) -> bytes:
    """RFC 7905 section 2."""
    return (int.from_bytes(iv, "big") ^ int.from_bytes(number, "big")).to_bytes(12, "big")
