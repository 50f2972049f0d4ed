"""DATA chunks that were sent and are not yet covered by the cumulative TSN."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from math import inf
from typing import Final

__all__ = ["Outstanding"]

_IN_FLIGHT: Final = 0
_SACKED: Final = 1
_LOST: Final = 2
_ABANDONED: Final = 3
_SACKED_BYTE: Final = b"\x01"
_LEAST_REORDERING: Final = 3
_MOST_REORDERING: Final = 96
_MAX_SUSPECTS: Final = 512


class Outstanding:
    """Parallel arrays of chunks with consecutive TSNs, the first of which is ``base``.

    TSNs in here are counts that do not wrap. A chunk is in flight, acknowledged by a gap
    block, lost (waiting for its retransmission) or abandoned. No object is made for a chunk,
    and acknowledging a run of chunks that are all in flight costs the same for any length.

    Each packet has a serial number, ``serial`` is that of the last one. A chunk counts as lost
    when a packet sent ``reordering`` or more later has arrived. That begins with the three missing
    reports of RFC 9260 section 7.2.4, counted in packets because one SACK may report many, and
    valid for a retransmission too. It grows on a path that brings packets out of order, until a
    timeout says that it was too much.
    """

    __slots__ = (
        "_chunks",
        "_end",
        "_ends",
        "_highest_serial",
        "_resent_at",
        "_sacked",
        "_serials",
        "_start",
        "_states",
        "_suspects",
        "_trusted_before",
        "abandoned",
        "base",
        "in_flight",
        "lost",
        "reordering",
        "retransmissions",
        "serial",
    )

    def __init__(self, base: int) -> None:
        self.base = base
        self._chunks: list[bytes] = []
        self._serials: list[int] = []
        self._states = bytearray()
        # Running total of payload bytes at the end of each chunk, and before the first one.
        self._ends: list[int] = []
        self._start = 0
        self._end = 0
        self.serial = 0
        self._highest_serial = 0
        self._sacked = 0
        self.in_flight = 0
        self.lost = 0
        self.abandoned = 0
        self.retransmissions: dict[int, int] = {}
        self._resent_at: dict[int, float] = {}
        self._trusted_before = -inf
        self.reordering = _LEAST_REORDERING
        # TSNs that were counted as lost because later packets had arrived.
        self._suspects: set[int] = set()

    def __len__(self) -> int:
        return len(self._chunks)

    @property
    def next_tsn(self) -> int:
        """The TSN that the next chunk gets."""
        return self.base + len(self._chunks)

    def extend(self, chunks: list[bytes], sizes: list[int], serials: list[int]) -> None:
        """Add chunks just sent: their payload sizes in bytes and packet serial numbers."""
        ends = accumulate(sizes, initial=self._end)
        next(ends)
        self._ends.extend(ends)
        self._chunks += chunks
        self._serials += serials
        self._states.extend(bytes(len(chunks)))
        self.in_flight += self._ends[-1] - self._end
        self._end = self._ends[-1]

    def append_abandoned(self) -> None:
        """Use up one TSN that never goes out, so that FORWARD-TSN has something to skip."""
        self.extend([b""], [0], [0])
        self._states[-1] = _ABANDONED
        self.abandoned += 1

    def acknowledge(self, tsn: int) -> int:
        """Forget the chunks up to ``tsn``; return how many bytes were news.

        ``tsn`` is below :attr:`next_tsn`.
        """
        count = tsn + 1 - self.base
        end = self._ends[count - 1]
        newly = end - self._start
        if self._sacked or self.lost or self.abandoned:
            newly = self._leave_states(count)
        else:
            self.in_flight -= newly
        if self.retransmissions:
            self._forget_retransmissions(tsn, count)
        del self._chunks[:count], self._serials[:count], self._states[:count], self._ends[:count]
        self._start = end
        self.base += count
        return newly

    def _forget_retransmissions(self, tsn: int, count: int) -> None:
        resent = self.retransmissions
        if count < len(resent):
            old = [number for number in range(self.base, tsn + 1) if number in resent]
        else:
            old = [number for number in resent if number <= tsn]
        for number in old:
            del resent[number], self._resent_at[number]

    def _leave_states(self, count: int) -> int:
        newly = 0
        states = self._states
        for index in range(count):
            state = states[index]
            if state == _SACKED:
                self._sacked -= 1
            elif state == _ABANDONED:
                self.abandoned -= 1
            else:
                newly += self._size(index)
                if state == _LOST:
                    self.lost -= 1
                else:
                    self.in_flight -= self._size(index)
        return newly

    def acknowledge_gaps(
        self, gaps: Sequence[tuple[int, int]], trusted_before: float = -inf
    ) -> int:
        """Apply the gap blocks of a SACK, given as offsets from ``base - 1``.

        Of a chunk sent twice it is unknown which packet has arrived, unless the second one was
        sent before ``trusted_before``: so long ago that the first would have been answered.

        Returns how many bytes were news. Blocks may be in any order and overlap; what lies
        beyond the chunks sent is ignored. A chunk acknowledged by an earlier SACK and no
        longer by this one is in flight again (RFC 9260 section 6.2.1 rule D iv).
        """
        self._trusted_before = trusted_before
        if not gaps and not self._sacked:
            return 0
        newly = position = 0
        limit = len(self._states)
        for start, last in sorted(gaps):
            first = max(start - 1, position)
            end = min(last, limit)
            if first >= end:
                continue
            self._renege(position, first)
            newly += self._acknowledge_block(first, end)
            position = end
        self._renege(position, limit)
        return newly

    def _acknowledge_block(self, first: int, end: int) -> int:
        states = self._states
        first = end - len(states[first:end].lstrip(_SACKED_BYTE))
        count = end - first
        if not count:
            return 0
        if states.count(_IN_FLIGHT, first, end) != count:
            return sum(self._acknowledge_one(index) for index in range(first, end))
        states[first:end] = _SACKED_BYTE * count
        size = self._ends[end - 1] - (self._ends[first - 1] if first else self._start)
        self._sacked += count
        self.in_flight -= size
        if self.retransmissions:
            for index in range(first, end):
                self._note_serial(index)
        else:
            self._note_serial(end - 1)
        return size

    def _acknowledge_one(self, index: int) -> int:
        state = self._states[index]
        if state in (_SACKED, _ABANDONED):
            return 0
        size = self._size(index)
        if state == _LOST:
            self.lost -= 1
        else:
            self.in_flight -= size
        self._states[index] = _SACKED
        self._sacked += 1
        self._note_serial(index)
        return size

    def _note_serial(self, index: int) -> None:
        serial = self._serials[index]
        if serial > self._highest_serial:
            tsn = self.base + index
            if tsn in self.retransmissions and self._resent_at[tsn] > self._trusted_before:
                return
            self._highest_serial = serial

    def _renege(self, first: int, end: int) -> None:
        if not self._sacked:
            return
        states = self._states
        index = states.find(_SACKED, first, end)
        while index >= 0:
            states[index] = _IN_FLIGHT
            self._sacked -= 1
            self.in_flight += self._size(index)
            index = states.find(_SACKED, index + 1, end)

    def find_lost(self) -> list[int]:
        """Mark what the acknowledged packets prove lost; return the TSNs newly marked."""
        found: list[int] = []
        if not self._sacked:
            return found
        states, serials = self._states, self._serials
        threshold = self._highest_serial - self.reordering
        end = states.rfind(_SACKED)
        index = states.find(_IN_FLIGHT, 0, end)
        while index >= 0:
            if serials[index] <= threshold:
                self._mark_lost(index)
                found.append(self.base + index)
            index = states.find(_IN_FLIGHT, index + 1, end)
        if len(self._suspects) > _MAX_SUSPECTS:
            self._suspects.clear()
        self._suspects.update(found)
        return found

    def arrived_twice(self, tsns: Iterable[int]) -> bool:
        """Take in reports of duplicates; whether one says that a chunk was never lost."""
        innocent = self._suspects.intersection(tsns)
        self._suspects -= innocent
        return bool(innocent)

    def allow_reordering(self) -> None:
        """Let more packets overtake another one before it counts as lost (RFC 3708)."""
        self.reordering = min(2 * self.reordering, _MOST_REORDERING)

    def lose_all(self) -> list[int]:
        """Mark everything in flight as lost (T3-rtx expired); return the TSNs."""
        self.reordering = _LEAST_REORDERING
        self._suspects.clear()
        states = self._states
        found: list[int] = []
        index = states.find(_IN_FLIGHT)
        while index >= 0:
            self._mark_lost(index)
            found.append(self.base + index)
            index = states.find(_IN_FLIGHT, index + 1)
        return found

    def _mark_lost(self, index: int) -> None:
        self._states[index] = _LOST
        self.lost += 1
        self.in_flight -= self._size(index)

    def resend(self, room: int, now: float) -> list[bytes]:
        """Take lost chunks of ``room`` bytes in all, the oldest first, into the next packet.

        Empty when the oldest of them is longer than that.
        """
        self.serial += 1
        parts: list[bytes] = []
        states = self._states
        index = states.find(_LOST)
        while index >= 0:
            chunk = self._chunks[index]
            if len(chunk) > room:
                break
            room -= len(chunk)
            parts.append(chunk)
            states[index] = _IN_FLIGHT
            self.lost -= 1
            self.in_flight += self._size(index)
            self._count_retransmission(index, now)
            index = states.find(_LOST, index + 1)
        return parts

    def resend_oversized(self, now: float) -> list[bytes]:
        """Take the oldest lost chunk, however large.

        A chunk keeps its size when packets become smaller (RFC 9260 section 6.9).
        """
        index = self._states.find(_LOST)
        return [] if index < 0 else self.resend(len(self._chunks[index]), now)

    @property
    def unacknowledged(self) -> int:
        """The payload bytes of all chunks in here."""
        return self._end - self._start

    def resend_last(self, now: float) -> bytes | None:
        """Return the newest chunk in flight for a tail loss probe, None when there is none.

        Its packet is as late as if ``reordering`` others had gone before: its arrival proves what
        was lost.
        """
        self.serial += self.reordering
        index = self._states.rfind(_IN_FLIGHT)
        if index < 0:
            return None
        self._count_retransmission(index, now)
        return self._chunks[index]

    def _count_retransmission(self, index: int, now: float) -> None:
        self._serials[index] = self.serial
        tsn = self.base + index
        self.retransmissions[tsn] = self.retransmissions.get(tsn, 0) + 1
        self._resent_at[tsn] = now

    def last_in_flight(self) -> int | None:
        """Return the newest TSN in flight."""
        index = self._states.rfind(_IN_FLIGHT)
        return None if index < 0 else self.base + index

    def abandon(self, first_tsn: int, last_tsn: int) -> None:
        """Give up the chunks of one message, acknowledged ones included."""
        states = self._states
        for tsn in range(max(first_tsn, self.base), min(last_tsn + 1, self.next_tsn)):
            index = tsn - self.base
            state = states[index]
            if state == _ABANDONED:
                continue
            if state == _SACKED:
                self._sacked -= 1
            elif state == _LOST:
                self.lost -= 1
            else:
                self.in_flight -= self._size(index)
            states[index] = _ABANDONED
            self.abandoned += 1
            self._chunks[index] = b""

    def leading(self) -> Iterator[tuple[int, bool]]:
        """Yield the TSNs from ``base`` on that need no retransmission, and if abandoned."""
        states = self._states
        for index in range(len(states)):
            state = states[index]
            if state not in (_SACKED, _ABANDONED):
                return
            yield self.base + index, state == _ABANDONED

    def _size(self, index: int) -> int:
        return self._ends[index] - (self._ends[index - 1] if index else self._start)
