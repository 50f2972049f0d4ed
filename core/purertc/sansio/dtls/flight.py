"""The handshake flight that is under way, kept for retransmission (RFC 6347 section 4.2.4)."""

from purertc.sansio.dtls.record import (
    ALERT,
    epoch_of,
    pack_records,
    renumber,
    sequence_of,
    split_records,
)

__all__ = ["Flight"]

_INITIAL_TIMEOUT = 0.15
_MAX_TIMEOUT = 2.0


class Flight:
    """Numbers the plaintext records we send and remembers the records of the last flight.

    A TLS library only repeats a flight when its own clock says so. Here the owner's clock
    decides, so the records are kept and sent again. Plaintext records get a new sequence number
    each time they leave: the peer may have seen, and had to ignore, a ChangeCipherSpec that
    overtook the messages before it, and its replay check would drop the same number later.
    """

    __slots__ = ("_mtu", "_records", "_sequence", "next_protected", "timeout")

    def __init__(self, mtu: int) -> None:
        self._mtu = mtu
        self._records: list[bytes] = []
        self._sequence = 0
        self.next_protected = 0
        """The lowest number that no record of epoch 1 has had yet."""
        self.timeout = _INITIAL_TIMEOUT

    def send(self, output: bytes) -> list[bytes]:
        """Return the datagrams for new records of the TLS library; a flight becomes the last."""
        records = split_records(output) or []
        messages = [record for record in records if record[0] != ALERT]
        if messages:
            self._records = messages
            self.timeout = _INITIAL_TIMEOUT
        return self._pack(records)

    def repeat(self, anew: bytes = b"") -> list[bytes]:
        """Return the datagrams of the last flight once more, and wait longer for the next time.

        ``anew`` are the records of the same flight if the TLS library has just repeated it.
        """
        self._records = split_records(anew) or self._records
        self.timeout = min(2 * self.timeout, _MAX_TIMEOUT)
        return self._pack(self._records)

    def clear(self) -> None:
        """Forget the last flight: the peer has it."""
        self._records = []

    def _pack(self, records: list[bytes]) -> list[bytes]:
        numbered = []
        for record in records:
            if epoch_of(record) == 0:
                record = renumber(record, self._sequence)
                self._sequence += 1
            else:
                self.next_protected = max(self.next_protected, sequence_of(record) + 1)
            numbered.append(record)
        return pack_records(numbered, self._mtu)
