"""The receiving half of an association: DATA in, SACK out (RFC 9260 section 6.2)."""

from collections.abc import Sequence

from purertc.errors import BadPacket
from purertc.sansio.sctp.config import SctpConfig
from purertc.sansio.sctp.gaps import GapBlocks
from purertc.sansio.sctp.reassembly import EarlyChunk, Reassembly
from purertc.wire.sctp.chunks import (
    DATA_HEADER,
    DATA_RUN_HEADER,
    IMMEDIATE,
    ForwardTsn,
    Sack,
    encode_sack,
)
from purertc.wire.serial import SERIAL_MASK, unwrap

__all__ = ["Receiver"]

_MAX_AHEAD = 65_534
"""A gap block says its distance from the cumulative TSN, one before the next, in 16 bits."""
_MAX_FORWARD = 1 << 17
_MAX_GAPS = 200
_MAX_DUPLICATES = 32
_SACK_OVERHEAD = 12 + 16 + 4 * _MAX_DUPLICATES
_SACK_EVERY = 2


class Receiver:
    """Tracks TSNs, bounds memory, decides when to acknowledge.

    ``sack_due`` asks for a SACK with the next packets; ``sack_at`` is the deadline of a
    delayed one. TSNs are counts that do not wrap.
    """

    __slots__ = (
        "_advertised",
        "_config",
        "_crowded",
        "_duplicates",
        "_expected",
        "_gaps",
        "_immediate",
        "_max_gaps",
        "_max_message_size",
        "_streams",
        "_unacknowledged",
        "dropped",
        "duplicates",
        "invalid_streams",
        "malformed",
        "reassembly",
        "sack_at",
        "sack_due",
    )

    def __init__(self, config: SctpConfig, inbox: list[tuple[int, int, bytes]]) -> None:
        self._config = config
        self._expected = 0
        self._streams = config.inbound_streams
        self._gaps = GapBlocks()
        self._duplicates: list[int] = []
        self._unacknowledged = 0
        self._immediate = False
        self._advertised = config.receive_window
        # A peer that overruns the window with tiny messages costs us more than their payload.
        self._crowded = 2 * config.receive_window + config.max_message_size
        self._max_gaps = min(_MAX_GAPS, (config.mtu - _SACK_OVERHEAD) // 4)
        self._max_message_size = config.max_message_size
        self.reassembly = Reassembly(inbox, config.max_message_size)
        self.sack_due = False
        self.sack_at: float | None = None
        self.dropped = 0
        self.duplicates = 0
        self.malformed = 0
        self.invalid_streams: list[int] = []

    def start(self, initial_tsn: int, streams: int) -> None:
        """Expect this TSN first, and streams below ``streams``."""
        self._expected = initial_tsn
        self._streams = streams

    def add_streams(self, count: int) -> bool:
        """The peer wants ``count`` more streams; False when that would be too many."""
        if self._streams + count > self._config.inbound_streams:
            return False
        self._streams += count
        return True

    @property
    def cumulative(self) -> int:
        """The last TSN before the first gap."""
        return self._expected - 1

    def window(self) -> int:
        """Return the receive window to advertise (a_rwnd)."""
        return max(0, self._config.receive_window - self.reassembly.charge())

    # DATA

    def receive_run(self, bodies: Sequence[bytes], first: int) -> tuple[int, int]:
        """Take the packets from ``first`` on that begin with DATA.

        Returns the index of the packet where that ends, and how much of it was taken.
        Raises ProtocolError for a message too long. A malformed packet is only counted.
        """
        reassembly, window = self.reassembly, self._config.receive_window
        unpack = DATA_RUN_HEADER.unpack_from
        for index in range(first, len(bodies)):
            chunks = bodies[index]
            if not chunks or chunks[0]:
                return index, 0
            size = len(chunks)
            if size > 16 and reassembly.open_message >= 0:
                _, flags, length, tsn, message = unpack(chunks)
                if (
                    message == reassembly.open_message
                    and flags == reassembly.open_flags
                    and tsn == self._expected & SERIAL_MASK
                    and length == size
                    and not self._gaps
                    and reassembly.held < window
                ):
                    # One more fragment from the middle of the open message, alone in its packet.
                    self._expected += 1
                    self._unacknowledged += 1
                    reassembly.extend_open(chunks[16:])
                    continue
            try:
                position = self.receive_data(chunks, 0)
            except BadPacket:
                self.malformed += 1
                continue
            if position < size:
                return index, position
        return len(bodies), 0

    def receive_data(self, chunks: bytes, position: int) -> int:
        """Take the run of DATA chunks at ``position``; return where it ends.

        Raises BadPacket for a malformed chunk and ProtocolError for a message too long.
        """
        size = len(chunks)
        unpack = DATA_HEADER.unpack_from
        reassembly = self.reassembly
        in_order = reassembly.in_order
        limit = self._config.receive_window if reassembly.charge() < self._crowded else 0
        self._unacknowledged += 1
        if not self._gaps and reassembly.held + size <= limit and size <= self._max_message_size:
            tsn = self._expected & SERIAL_MASK
            position, count = reassembly.take_whole(chunks, position, tsn, self._streams)
            self._expected += count
        while position < size and not chunks[position]:
            if size - position < 17:
                raise BadPacket("a DATA chunk that is too short")
            _, flags, length, tsn, stream, number, ppid = unpack(chunks, position)
            end = position + length
            if length < 17 or end > size:
                raise BadPacket("a DATA chunk without data, or longer than its packet")
            if flags & IMMEDIATE:
                self._immediate = True
            payload = chunks[position + 16 : end]
            if tsn == self._expected & SERIAL_MASK and stream < self._streams:
                if not self._gaps:
                    if reassembly.held < limit or self._has_room():
                        self._expected += 1
                        reassembly.held += length - 16
                        in_order(flags, stream, number, ppid, payload)
                else:
                    self._fill_gap((flags, stream, number, ppid, payload))
            else:
                self._out_of_order(tsn, (flags, stream, number, ppid, payload))
            position = (end + 3) & ~3
        return position

    def _has_room(self) -> bool:
        # Room for one more whole message, so that a peer which overran the window can always
        # complete the message that keeps the application from reading.
        limit = self._config.receive_window + self._config.max_message_size
        if self.reassembly.held < limit and self.reassembly.charge() < self._crowded:
            return True
        self.dropped += 1
        self._immediate = True
        return False

    def _fill_gap(self, chunk: EarlyChunk) -> None:
        self._immediate = True
        if not self._has_room():
            return
        reassembly = self.reassembly
        first = self._expected + 1
        self._expected = self._gaps.advance(first)
        reassembly.held += len(chunk[4])
        reassembly.in_order(*chunk)
        reassembly.take_up(first, self._expected)

    def _out_of_order(self, tsn: int, chunk: EarlyChunk) -> None:
        self._immediate = True
        absolute = unwrap(tsn, self._expected)
        ahead = absolute - self._expected
        if ahead > _MAX_AHEAD or (ahead > 0 and self._is_full(absolute)):
            self.dropped += 1
            return
        if ahead < 0 or (ahead > 0 and not self._gaps.add(absolute)):
            self.duplicates += 1
            if len(self._duplicates) < _MAX_DUPLICATES:
                self._duplicates.append(tsn)
            return
        if chunk[1] >= self._streams:
            self._invalid_stream(absolute, chunk[1])
            return
        self.reassembly.held += len(chunk[4])
        self.reassembly.early(absolute, chunk)

    def _invalid_stream(self, tsn: int, stream: int) -> None:
        """Acknowledge, report and drop (RFC 9260 section 6.5)."""
        if len(self.invalid_streams) < _MAX_DUPLICATES:
            self.invalid_streams.append(stream)
        self.dropped += 1
        if tsn == self._expected:
            first = tsn + 1
            self._expected = self._gaps.advance(first)
            self.reassembly.take_up(first, self._expected)
        else:
            self.reassembly.early_hole(tsn)

    def _is_full(self, tsn: int) -> bool:
        """Whether a chunk ahead of a gap must be dropped for want of room (section 6.2)."""
        limit = self._config.receive_window
        highest = self._gaps.highest()
        if highest is not None and tsn < highest:
            limit += self._config.max_message_size // 2
        return self.reassembly.charge() >= limit

    # FORWARD-TSN

    def forward(self, forward: ForwardTsn) -> None:
        """Skip what the peer has given up (RFC 3758 section 3.6); absurd jumps are dropped."""
        cumulative = unwrap(forward.cumulative_tsn, self._expected)
        self._immediate = True
        self._unacknowledged += 1
        if cumulative < self._expected:
            return
        if cumulative - self._expected > _MAX_FORWARD:
            self.dropped += 1
            return
        streams = [pair for pair in forward.streams if pair[0] < self._streams]
        self.reassembly.skip(cumulative, streams)
        first = cumulative + 1
        self._expected = self._gaps.advance(first)
        self.reassembly.take_up(first, self._expected)

    # Acknowledging

    def batch_done(self, now: float) -> None:
        """Decide about a SACK for the packets just received."""
        if not self._unacknowledged:
            return
        if self._immediate or self._gaps or self._unacknowledged >= _SACK_EVERY:
            self.sack_due = True
        elif self.sack_at is None:
            self.sack_at = now + self._config.sack_delay

    def wants_sack(self) -> bool:
        """Whether anything has arrived since the last SACK."""
        return self._unacknowledged > 0 or self.sack_due

    def consumed(self, size: int) -> None:
        """The application has read ``size`` bytes; ask for a window update if it matters."""
        self.reassembly.consumed(size)
        quarter = self._config.receive_window // 4
        if self.window_is_low and self.window() >= self._advertised + quarter:
            self.sack_due = True

    @property
    def window_is_low(self) -> bool:
        """Whether the room advertised last is less than a quarter of the receive window."""
        return self._advertised < self._config.receive_window // 4

    def take_sack(self) -> bytes:
        """Return a SACK chunk that reports everything received."""
        self._advertised = self.window()
        cumulative = self._expected - 1
        sack = Sack(
            cumulative & SERIAL_MASK,
            self._advertised,
            self._gaps.blocks(cumulative, self._max_gaps) if self._gaps else (),
            tuple(self._duplicates),
        )
        self._duplicates.clear()
        self._unacknowledged = 0
        self._immediate = False
        self.sack_due = False
        self.sack_at = None
        return encode_sack(sack)

    def handle_timeout(self, now: float) -> None:
        """Send a delayed SACK that is due."""
        if self.sack_at is not None and self.sack_at <= now:
            self.sack_at = None
            self.sack_due = True
