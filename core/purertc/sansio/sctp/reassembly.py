"""From DATA chunks to messages, in the order each stream asks for (RFC 9260 section 6.6)."""

from typing import Final

from purertc.errors import ProtocolError
from purertc.wire.sctp.chunks import (
    BEGIN,
    DATA_HEADER_SIZE,
    DATA_WORDS,
    END,
    NEXT_NUMBERS,
    UNORDERED,
    data_layout,
)
from purertc.wire.serial import SERIAL_MASK, newer16

__all__ = ["EarlyChunk", "Reassembly"]

EarlyChunk = tuple[int, int, int, int, bytes]
"""Flags, stream, stream sequence number, payload protocol identifier, payload."""

_OVERHEAD = 64
_WHOLE = BEGIN | END
_FEW: Final = 4
"""With fewer messages of one length in a packet it does not pay to look at them as a run."""
_MAX_SEARCH = 512
"""How many fragments of an early message are looked at; a longer one waits for its turn."""


class Reassembly:
    """Puts messages into ``inbox`` as (stream, ppid, payload).

    The fragments of a message have consecutive TSNs. Chunks whose TSN is the expected one
    extend the one open message. Chunks ahead of a gap wait by TSN, and a message complete
    among them is delivered at once if it is unordered or the next of its stream: a loss on one
    stream does not hold up another.

    ``held`` counts payload bytes from arrival until :meth:`consumed`.
    """

    __slots__ = (
        "_begins",
        "_early",
        "_expected_sequence",
        "_max_message_size",
        "_open",
        "_open_size",
        "_unread",
        "_unread_messages",
        "_waiting",
        "_waiting_messages",
        "discarded",
        "held",
        "inbox",
        "open_flags",
        "open_message",
    )

    def __init__(self, inbox: list[tuple[int, int, bytes]], max_message_size: int) -> None:
        self.inbox = inbox
        self._max_message_size = max_message_size
        self._open: list[bytes] = []
        # Stream and sequence number of the open message, as the chunk has them in one word.
        self.open_message = -1
        self.open_flags = 0
        self._open_size = 0
        self._early: dict[int, EarlyChunk | None] = {}
        # Stream → sequence number → TSN of the first fragment among the early chunks.
        self._begins: dict[int, dict[int, int]] = {}
        self._waiting: dict[int, dict[int, tuple[int, bytes]]] = {}
        self._waiting_messages = 0
        self._expected_sequence: dict[int, int] = {}
        self._unread = 0
        self._unread_messages = 0.0
        self.held = 0
        self.discarded = 0

    # Memory

    def charge(self) -> int:
        """Return what is held, with a share for the bookkeeping of small messages."""
        kept = int(self._unread_messages) + self._waiting_messages + len(self._early)
        return self.held + _OVERHEAD * kept

    @property
    def unread(self) -> int:
        """Bytes delivered into the inbox and not yet consumed."""
        return self._unread

    def consumed(self, size: int) -> None:
        """The application has read ``size`` bytes, at most :attr:`unread`."""
        if size >= self._unread:
            self._unread_messages = 0.0
        else:
            # How many messages these bytes were is not known: assume an average share.
            self._unread_messages -= self._unread_messages * size / self._unread
        self._unread -= size
        self.held -= size

    def inherit_unread(self, previous: "Reassembly") -> None:
        """Go on counting what the application has not read of an earlier association."""
        self._unread = self.held = previous._unread
        self._unread_messages = previous._unread_messages

    # Chunks in TSN order

    def take_whole(self, chunks: bytes, position: int, tsn: int, streams: int) -> tuple[int, int]:
        """Deliver whole ordered messages of a packet that need nothing but their turn.

        The first has TSN ``tsn`` and begins at ``position``; their streams are below ``streams``.
        Returns where that ends, and how many they were.
        """
        if self._open or self._early or self._waiting:
            return position, 0
        room = len(chunks) - position
        if room < _FEW * DATA_HEADER_SIZE:
            return self._take_each(chunks, position, tsn, streams)
        length = chunks[position + 2] << 8 | chunks[position + 3]
        step = (length + 3) & ~3
        if length <= DATA_HEADER_SIZE or room < _FEW * step:
            return self._take_each(chunks, position, tsn, streams)
        alike = self._take_alike(chunks, position, tsn, streams, length)
        position += alike * step
        if position == len(chunks):
            return position, alike
        tsn = (tsn + alike) & SERIAL_MASK
        position, others = self._take_each(chunks, position, tsn, streams)
        return position, alike + others

    def _take_alike(self, chunks: bytes, position: int, tsn: int, streams: int, length: int) -> int:
        """Take whole messages of one stream in chunks of ``length`` bytes; return how many."""
        _, _, message, _ = DATA_WORDS.unpack_from(chunks, position)
        stream, number = message >> 16, message & 0xFFFF
        if stream >= streams or number != self._expected_sequence.get(stream, 0):
            return 0
        step = (length + 3) & ~3
        # Neither number wraps around in here: the sequence number by this limit, the TSN since
        # it would need more than 64 bits.
        most = min((len(chunks) - position) // step, 0x10000 - number)
        run = chunks[position : position + most * step]
        deliver = self.inbox.append
        head = _WHOLE << 16 | length
        begin: int = tsn << 32 | message
        expected = begin
        layout = data_layout(length - DATA_HEADER_SIZE)
        for word, numbers, ppid, payload in layout.iter_unpack(run):
            if word != head or numbers != expected:
                break
            deliver((stream, ppid, payload))
            expected += NEXT_NUMBERS
        count = (expected - begin) >> 32
        if count:
            self._expected_sequence[stream] = (number + count) & 0xFFFF
            self._count_delivered(count, count * (length - DATA_HEADER_SIZE))
        return count

    def _take_each(self, chunks: bytes, position: int, tsn: int, streams: int) -> tuple[int, int]:
        unpack, deliver = DATA_WORDS.unpack_from, self.inbox.append
        sequences = self._expected_sequence
        size = len(chunks)
        count = total = stream = 0
        word = -1
        while size - position > 16:
            head, chunk_tsn, message, ppid = unpack(chunks, position)
            end = position + (head & 0xFFFF)
            if head >> 16 != _WHOLE or chunk_tsn != tsn or end > size or end < position + 17:
                break
            if message != word:
                if word >= 0:
                    sequences[stream] = word & 0xFFFF
                stream = message >> 16
                word = -1
                if stream >= streams or sequences.get(stream, 0) != message & 0xFFFF:
                    break
                word = message
            deliver((stream, ppid, chunks[position + 16 : end]))
            total += end - position
            count += 1
            tsn = (tsn + 1) & SERIAL_MASK
            word = word + 1 if word & 0xFFFF != 0xFFFF else word - 0xFFFF
            position = (end + 3) & ~3
        if word >= 0:
            sequences[stream] = word & 0xFFFF
        if count:
            self._count_delivered(count, total - DATA_HEADER_SIZE * count)
        return position, count

    def _count_delivered(self, count: int, size: int) -> None:
        self.held += size
        self._unread += size
        self._unread_messages += count

    def in_order(self, flags: int, stream: int, number: int, ppid: int, payload: bytes) -> None:
        """Take the chunk with the expected TSN, already counted in ``held``.

        Raises ProtocolError for a message longer than allowed.
        """
        if flags & _WHOLE == _WHOLE:
            if self._open:
                self._discard_open()
            self._message(flags, stream, number, ppid, payload)
            return
        message = stream << 16 | number
        if flags & BEGIN:
            if self._open:
                self._discard_open()
            self.open_flags = flags & UNORDERED
            self.open_message = message
        elif self.open_message != message or self.open_flags != flags & UNORDERED:
            # The rest of a message that FORWARD-TSN has skipped, or a confused peer.
            if self._open:
                self._discard_open()
            self._discard(payload)
            return
        self._open.append(payload)
        self._open_size += len(payload)
        if self._open_size > self._max_message_size:
            raise ProtocolError(f"a message of more than {self._max_message_size} bytes")
        if flags & END:
            whole = b"".join(self._open)
            self._forget_open()
            self._message(flags, stream, number, ppid, whole)

    def extend_open(self, payload: bytes) -> None:
        """Take a fragment from the middle of the open message; as :meth:`in_order` otherwise."""
        size = len(payload)
        self._open.append(payload)
        self.held += size
        self._open_size += size
        if self._open_size > self._max_message_size:
            raise ProtocolError(f"a message of more than {self._max_message_size} bytes")

    def _forget_open(self) -> None:
        self._open = []
        self.open_message = -1
        self._open_size = 0

    def _discard_open(self) -> None:
        self.held -= self._open_size
        self.discarded += 1
        self._forget_open()

    def _message(self, flags: int, stream: int, number: int, ppid: int, payload: bytes) -> None:
        if len(payload) > self._max_message_size:
            raise ProtocolError(f"a message of more than {self._max_message_size} bytes")
        if flags & UNORDERED:
            self._deliver(stream, ppid, payload)
            return
        expected = self._expected_sequence.get(stream, 0)
        if number == expected:
            self._expected_sequence[stream] = (number + 1) & 0xFFFF
            self._deliver(stream, ppid, payload)
            if self._early or self._waiting:
                self._deliver_successors(stream)
        elif newer16(number, expected):
            self._keep_waiting(stream, number, (ppid, payload))
        else:
            self._discard(payload)

    def _keep_waiting(self, stream: int, number: int, message: tuple[int, bytes]) -> None:
        """Keep a message whose stream lacks an earlier one: only a confused peer sends it."""
        waiting = self._waiting.setdefault(stream, {})
        if number in waiting:
            self._discard(message[1])
            return
        waiting[number] = message
        self._waiting_messages += 1

    def _take_waiting(self, stream: int, number: int) -> tuple[int, bytes] | None:
        waiting = self._waiting.get(stream)
        if not waiting or number not in waiting:
            return None
        message = waiting.pop(number)
        self._waiting_messages -= 1
        if not waiting:
            del self._waiting[stream]
        return message

    def _discard(self, payload: bytes) -> None:
        self.held -= len(payload)
        self.discarded += 1

    def _deliver(self, stream: int, ppid: int, payload: bytes) -> None:
        self._unread += len(payload)
        self._unread_messages += 1.0
        self.inbox.append((stream, ppid, payload))

    # Chunks ahead of a gap

    def early(self, tsn: int, chunk: EarlyChunk) -> None:
        """Take a chunk ahead of the expected TSN, already counted in ``held``."""
        self._early[tsn] = chunk
        flags, stream, number, _, _ = chunk
        if flags & BEGIN and not flags & UNORDERED:
            self._begins.setdefault(stream, {})[number] = tsn
        # Unless this is a last fragment or fills a hole, nothing can have become complete.
        if flags & END or self._early.get(tsn + 1) is not None:
            begin = self._begin_of(tsn)
            if begin is not None:
                self._deliver_early(begin)

    def early_hole(self, tsn: int) -> None:
        """Note a chunk ahead of the expected TSN that was dropped for good."""
        self._early[tsn] = None

    def _begin_of(self, tsn: int) -> int | None:
        early = self._early
        for before in range(tsn, tsn - _MAX_SEARCH, -1):
            chunk = early.get(before)
            if chunk is None or (chunk[0] & END and before != tsn):
                return None
            if chunk[0] & BEGIN:
                return before
        return None

    def _deliver_early(self, begin: int) -> None:
        first = self._early[begin]
        if first is None:
            return
        flags, stream, number, ppid, _ = first
        ordered = not flags & UNORDERED
        if ordered and number != self._expected_sequence.get(stream, 0):
            return
        payload = self._take_early(begin)
        if payload is not None:
            self._message(flags, stream, number, ppid, payload)

    def _take_early(self, begin: int) -> bytes | None:
        """Return the message that begins there, None when a fragment is missing."""
        early = self._early
        parts: list[bytes] = []
        for tsn in range(begin, begin + _MAX_SEARCH):
            chunk = early.get(tsn)
            if chunk is None or (parts and chunk[0] & BEGIN):
                return None
            parts.append(chunk[4])
            if chunk[0] & END:
                self._forget_begin(early[begin])
                early.update(dict.fromkeys(range(begin, tsn + 1)))
                return b"".join(parts)
        return None

    def _forget_begin(self, chunk: EarlyChunk | None) -> None:
        if chunk is not None and chunk[0] & BEGIN and not chunk[0] & UNORDERED:
            begins = self._begins.get(chunk[1])
            if begins is not None:
                begins.pop(chunk[2], None)
                if not begins:
                    del self._begins[chunk[1]]

    def _deliver_successors(self, stream: int) -> None:
        """Deliver what waited only for an earlier message of its stream."""
        while True:
            number = self._expected_sequence.get(stream, 0)
            waiting = self._take_waiting(stream, number)
            if waiting is not None:
                ppid, payload = waiting
            else:
                begin = self._begins.get(stream, {}).get(number)
                first = None if begin is None else self._early.get(begin)
                taken = None if begin is None or first is None else self._take_early(begin)
                if first is None or taken is None:
                    return
                ppid, payload = first[3], taken
                if len(payload) > self._max_message_size:
                    raise ProtocolError(f"a message of more than {self._max_message_size} bytes")
            self._expected_sequence[stream] = (number + 1) & 0xFFFF
            self._deliver(stream, ppid, payload)

    def take_up(self, first: int, end: int) -> None:
        """Treat the early chunks from ``first`` up to ``end`` as in order: the gap is closed."""
        for tsn in range(first, end):
            chunk = self._early.pop(tsn)
            if chunk is not None:
                self._forget_begin(chunk)
                self.in_order(*chunk)

    # Skipping and resetting

    def skip(self, cumulative: int, streams: list[tuple[int, int]]) -> None:
        """The peer gives up all missing chunks up to ``cumulative`` (RFC 3758 section 3.6)."""
        if self._open:
            self._discard_open()
        previous = None
        for tsn in sorted(tsn for tsn in self._early if tsn <= cumulative):
            if self._open and previous != tsn - 1:
                self._discard_open()
            previous = tsn
            chunk = self._early.pop(tsn)
            if chunk is not None:
                self._forget_begin(chunk)
                self.in_order(*chunk)
        if self._open and previous != cumulative:
            self._discard_open()
        for stream, number in streams:
            self._skip_sequence(stream, number)

    def _skip_sequence(self, stream: int, number: int) -> None:
        following = (number + 1) & 0xFFFF
        expected = self._expected_sequence.get(stream, 0)
        if not newer16(following, expected):
            return
        passed = [early for early in self._waiting.get(stream, ()) if newer16(following, early)]
        for early in sorted(passed, key=lambda value: (value - expected) & 0xFFFF):
            message = self._take_waiting(stream, early)
            if message is not None:
                self._deliver(stream, *message)
        self._expected_sequence[stream] = following
        self._deliver_successors(stream)

    def reset(self, streams: tuple[int, ...]) -> None:
        """Expect sequence number 0 on these streams, or on all for none (RFC 6525)."""
        for stream in streams or {*self._expected_sequence, *self._waiting}:
            self._expected_sequence.pop(stream, None)
            # What still waits for an earlier message of the old count waits in vain.
            for number in tuple(self._waiting.get(stream, ())):
                message = self._take_waiting(stream, number)
                if message is not None:
                    self._discard(message[1])
            self._deliver_successors(stream)
