"""Messages that wait for their first transmission, and how they are cut into chunks."""

from collections import deque
from struct import Struct

from purertc.sansio.sctp.reliability import PartialMessage
from purertc.wire.sctp.chunks import BEGIN, DATA_HEADER, END, UNORDERED
from purertc.wire.serial import SERIAL_MASK

__all__ = ["SendQueue"]

_MIN_FRAGMENT = 64
_SPLIT_HEADER = Struct("!4sL8s")
_PADDING = (b"", b"\x00\x00\x00", b"\x00\x00", b"\x00")

_Message = tuple[bytes, int, int, int, PartialMessage | None]


class SendQueue:
    """One queue for each stream; the streams take turns, one message each.

    Without I-DATA the fragments of a message have consecutive TSNs, so a turn is a message
    (RFC 9260 section 6.9). Fragments are cut when a packet has room for them, and the stream
    sequence number is given to the first one: a message dropped before that leaves no trace.

    ``expires`` is when :meth:`drop_expired` is due.
    """

    __slots__ = (
        "_held",
        "_message",
        "_offset",
        "_queues",
        "_ready",
        "_released",
        "_sequence",
        "_settled",
        "_sizes",
        "_total",
        "_whole_limit",
        "expires",
    )

    def __init__(self, whole_limit: int) -> None:
        self._whole_limit = whole_limit
        self._queues: dict[int, deque[_Message]] = {}
        self._ready: deque[int] = deque()
        self._held: set[int] = set()
        self._sequence: dict[int, int] = {}
        self._message: _Message | None = None
        self._offset = 0
        self._settled = 0
        self._sizes: dict[int, int] = {}
        self._released: dict[int, int] = {}
        self._total = 0
        self.expires: float | None = None

    def push(
        self, stream: int, ppid: int, data: bytes, ordered: bool, partial: PartialMessage | None
    ) -> None:
        """Queue one message."""
        queue = self._queues.get(stream)
        if queue is None:
            queue = self._queues[stream] = deque()
        if not queue and stream not in self._held:
            current = self._message
            if current is None or current[2] != stream:
                self._ready.append(stream)
        queue.append((data, ppid, stream, 0 if ordered else UNORDERED, partial))
        size = len(data)
        self._sizes[stream] = self._sizes.get(stream, 0) + size
        self._total += size
        if partial is not None:
            self._note_expiry(partial)

    def _note_expiry(self, partial: PartialMessage) -> None:
        expires = partial.expires
        if expires is not None and (self.expires is None or expires < self.expires):
            self.expires = expires

    def has_work(self) -> bool:
        """Whether there is anything to cut."""
        return self._message is not None or bool(self._ready)

    def cut(
        self, tsn: int, room: int, now: float
    ) -> tuple[bytes, int, PartialMessage | None] | None:
        """Return the next chunk of at most ``room`` bytes, with its payload size.

        None when nothing waits, or when what waits should rather begin the next packet.
        ``room`` is a multiple of four.
        """
        message = self._message
        if message is None:
            message = self._next_message(now)
            if message is None:
                return None
        elif not self._offset and message[4] is not None and message[4].expired(now):
            self._end_message(message[2], len(message[0]))
            return self.cut(tsn, room, now)
        data, ppid, stream, flags, partial = message
        start = self._offset
        end = start + room - 16
        size = len(data)
        if end < size and (
            room - 16 < _MIN_FRAGMENT
            # A message that may be given up should depend on one packet only.
            or (partial is not None and not start and size <= self._whole_limit)
        ):
            return None
        number = 0 if flags & UNORDERED else self._sequence.get(stream, 0)
        if not start:
            flags |= BEGIN
            if partial is not None:
                partial.begin(stream, None if flags & UNORDERED else number)
        if end < size:
            self._offset = end
            head = DATA_HEADER.pack(0, flags, room, tsn, stream, number, ppid)
            return head + data[start:end], end - start, partial
        length = size - start
        head = DATA_HEADER.pack(0, flags | END, 16 + length, tsn, stream, number, ppid)
        if not flags & UNORDERED:
            self._sequence[stream] = (number + 1) & 0xFFFF
        self._end_message(stream, size)
        return head + (data[start:] if start else data) + _PADDING[length & 3], length, partial

    def cut_run(self, tsn: int, room: int, most: int) -> list[bytes]:
        """Return up to ``most`` full chunks from the middle of the message being cut.

        Empty when there is no such message, or it has limits or only its last chunk left.
        """
        message = self._message
        start = self._offset
        if message is None or not start:
            return []
        data, ppid, stream, flags, partial = message
        step = room - 16
        count = min(most, (len(data) - start - 1) // step)
        if partial is not None or count < 1:
            return []
        number = 0 if flags & UNORDERED else self._sequence.get(stream, 0)
        self._offset = end = start + count * step
        # The headers of a run differ in the TSN only.
        header = DATA_HEADER.pack(0, flags, room, 0, stream, number, ppid)
        front, back, pack = header[:4], header[8:], _SPLIT_HEADER.pack
        return [
            pack(front, tsn & SERIAL_MASK, back) + data[at : at + step]
            for tsn, at in zip(range(tsn, tsn + count), range(start, end, step), strict=True)
        ]

    def _next_message(self, now: float) -> _Message | None:
        ready = self._ready
        while ready:
            stream = ready.popleft()
            queue = self._queues[stream]
            while queue:
                message = queue.popleft()
                partial = message[4]
                if partial is None or not partial.expired(now):
                    self._message = message
                    self._offset = self._settled = 0
                    if queue and queue[0][4] is not None:
                        self._note_expiry(queue[0][4])
                    return message
                self._release(stream, len(message[0]))
        return None

    def _end_message(self, stream: int, size: int) -> None:
        self._release(stream, size - self._settled)
        self._message = None
        if self._queues[stream]:
            self._ready.append(stream)

    def _release(self, stream: int, size: int) -> None:
        self._total -= size
        self._sizes[stream] -= size
        self._released[stream] = self._released.get(stream, 0) + size

    def _settle(self) -> None:
        if self._message is not None and self._offset > self._settled:
            self._release(self._message[2], self._offset - self._settled)
            self._settled = self._offset

    def abandon_current(self, partial: PartialMessage) -> bool:
        """Drop the rest of the message being cut if it is this one; False when it is not."""
        message = self._message
        if message is None or message[4] is not partial or not self._offset:
            return False
        stream = message[2]
        if not message[3] & UNORDERED:
            self._sequence[stream] = (self._sequence.get(stream, 0) + 1) & 0xFFFF
        self._end_message(stream, len(message[0]))
        return True

    def current_partial(self) -> PartialMessage | None:
        """Return the limits of the message of which a part has been cut."""
        return self._message[4] if self._message is not None and self._offset else None

    def drop_expired(self, now: float) -> None:
        """Drop what waits at the head of its stream and has outlived its life."""
        self.expires = None
        message = self._message
        if message is not None and message[4] is not None:
            if not message[4].expired(now):
                self._note_expiry(message[4])
            elif not self._offset:
                self._end_message(message[2], len(message[0]))
        for stream, queue in self._queues.items():
            while queue and (partial := queue[0][4]) is not None:
                if not partial.expired(now):
                    self._note_expiry(partial)
                    break
                self._release(stream, len(queue.popleft()[0]))
        self._ready = deque(stream for stream in self._ready if self._queues[stream])

    def buffered(self, stream: int) -> int:
        """Return the payload bytes of a stream not yet cut."""
        self._settle()
        return self._sizes.get(stream, 0)

    def total(self) -> int:
        """Return the payload bytes of all streams not yet cut."""
        self._settle()
        return self._total

    def take_released(self) -> dict[int, int]:
        """Return stream → bytes that left the queue since the last call."""
        self._settle()
        released, self._released = self._released, {}
        return released

    def hold(self, stream: int) -> None:
        """Keep what is queued from now on until :meth:`restart`; the queue is empty now."""
        self._held.add(stream)

    def restart(self, stream: int, *, sequence_reset: bool) -> None:
        """Let a held stream go on, with sequence number 0 after a reset."""
        self._held.discard(stream)
        if sequence_reset:
            self._sequence.pop(stream, None)
        if self._queues.get(stream) and stream not in self._ready:
            self._ready.append(stream)
