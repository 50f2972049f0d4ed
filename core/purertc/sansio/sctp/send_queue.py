"""Messages that wait for their first transmission, and how they are cut into chunks."""

from collections import deque
from struct import Struct
from typing import Final

from purertc.sansio.sctp.outgoing_stream import FEW, PADDING, WASTE, OutgoingMessage, OutgoingStream
from purertc.sansio.sctp.reliability import PartialMessage
from purertc.wire.sctp.chunks import BEGIN, DATA_HEADER, DATA_HEADER_SIZE, END, UNORDERED
from purertc.wire.serial import SERIAL_MASK

__all__ = ["SendQueue"]

_MIN_FRAGMENT: Final = 64
_SPLIT_HEADER: Final = Struct("!4sL8s")


class SendQueue:
    """One queue for each stream; the streams take turns, one message each.

    Without I-DATA the fragments of a message have consecutive TSNs, so a turn is a message
    (RFC 9260 section 6.9). Fragments are cut when a packet has room for them, and the stream
    sequence number is given to the first one: a message dropped before that leaves no trace.

    ``expires`` is when :meth:`drop_expired` is due.
    """

    __slots__ = (
        "_message",
        "_offset",
        "_ready",
        "_released",
        "_settled",
        "_stream",
        "_streams",
        "_total",
        "_whole_limit",
        "expires",
    )

    def __init__(self, whole_limit: int) -> None:
        self._whole_limit = whole_limit
        self._streams: dict[int, OutgoingStream] = {}
        # Streams with messages that are not held, without the one whose message is being cut.
        self._ready: deque[OutgoingStream] = deque()
        self._message: OutgoingMessage | None = None
        self._stream: OutgoingStream | None = None
        self._offset = 0
        self._settled = 0
        self._released: list[OutgoingStream] = []
        self._total = 0
        self.expires: float | None = None

    def set_whole_limit(self, size: int) -> None:
        """Let messages of up to ``size`` bytes fit a packet."""
        self._whole_limit = size

    def push(
        self, number: int, ppid: int, data: bytes, ordered: bool, partial: PartialMessage | None
    ) -> None:
        """Queue one message on stream ``number``."""
        stream = self._streams.get(number)
        if stream is None:
            stream = self._streams[number] = OutgoingStream(number)
        if not stream.messages and stream is not self._stream and not stream.held:
            self._ready.append(stream)
        flags = 0 if ordered else UNORDERED
        stream.messages.append((data, ppid, flags, partial))
        size = len(data)
        stream.size += size
        self._total += size
        kind = (size, ppid, flags)
        if partial is not None:
            stream.alike = 0
            self._note_expiry(partial)
        elif kind == stream.kind:
            stream.alike += 1
        else:
            stream.kind = kind
            stream.alike = 1

    def _note_expiry(self, partial: PartialMessage) -> None:
        expires = partial.expires
        if expires is not None and (self.expires is None or expires < self.expires):
            self.expires = expires

    def has_work(self) -> bool:
        """Whether there is anything to cut."""
        return self._message is not None or bool(self._ready)

    @property
    def is_cutting(self) -> bool:
        """Whether a part of a message has been cut, and not the rest."""
        return self._message is not None

    def cut_alike(self, tsn: int, room: int, packets: int) -> tuple[list[bytes], int, int]:
        """Return the chunks of many whole messages, their size and how many go into a packet.

        As :meth:`OutgoingStream.cut_alike` says; for a stream that is alone.
        """
        ready = self._ready
        if self._message is not None or len(ready) != 1:
            return [], 0, 0
        stream = ready[0]
        chunks, each = stream.cut_alike(tsn, room, packets)
        size = stream.kind[0]
        if chunks:
            self._release(stream, len(chunks) * size)
            if not stream.messages:
                ready.popleft()
        return chunks, size, each

    def cut_whole(self, first_tsn: int, room: int, chunks: list[bytes], sizes: list[int]) -> int:
        """Append whole messages without limits to ``chunks``, and their sizes to ``sizes``.

        They take at most ``room`` bytes; returns the room left. ``first_tsn`` is that of the
        first chunk in the list. It ends where :meth:`cut` has to go on: in the middle of a
        message, at one with limits or one that does not fit.
        """
        if self._message is not None:
            return room
        ready = self._ready
        while ready:
            stream = ready[0]
            if len(stream.messages[0][0]) + DATA_HEADER_SIZE > room:
                break
            begin = len(sizes)
            # A stream that is alone has every turn.
            most = len(stream.messages) if len(ready) == 1 else 1
            room = stream.cut_whole((first_tsn + begin) & SERIAL_MASK, room, most, chunks, sizes)
            if len(sizes) == begin:
                break
            self._release(stream, sum(sizes[begin:]))
            ready.popleft()
            if stream.messages:
                ready.append(stream)
                limits = stream.messages[0][3]
                if limits is not None:
                    self._note_expiry(limits)
        return room

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
        stream = self._stream
        if message is None or stream is None:
            return None
        data, ppid, flags, partial = message
        start = self._offset
        end = start + room - 16
        size = len(data)
        if end < size and (room - 16 < _MIN_FRAGMENT or self._stays_whole(message, room)):
            if not start:
                self._put_back(message, stream)
            return None
        number = stream.sequence_of(flags)
        if not start:
            if partial is not None:
                partial.begin(stream.number, None if flags & UNORDERED else number)
            flags |= BEGIN
        if end < size:
            self._offset = end
            head = DATA_HEADER.pack(0, flags, room, tsn, stream.number, number, ppid)
            return head + data[start:end], end - start, partial
        length = size - start
        head = DATA_HEADER.pack(0, flags | END, 16 + length, tsn, stream.number, number, ppid)
        stream.advance(flags)
        self._end_message(size)
        return head + (data[start:] if start else data) + PADDING[length & 3], length, partial

    def cut_run(self, tsn: int, room: int, most: int) -> list[bytes]:
        """Return up to ``most`` full chunks from the middle of the message being cut.

        Empty when there is no such message, or it has limits or only its last chunk left.
        """
        message, stream = self._message, self._stream
        start = self._offset
        if message is None or stream is None or not start:
            return []
        data, ppid, flags, partial = message
        step = room - 16
        count = min(most, (len(data) - start - 1) // step)
        if partial is not None or count < 1:
            return []
        number = stream.sequence_of(flags)
        self._offset = end = start + count * step
        # The headers of a run differ in the TSN only.
        header = DATA_HEADER.pack(0, flags, room, 0, stream.number, number, ppid)
        front, back, pack = header[:4], header[8:], _SPLIT_HEADER.pack
        return [
            pack(front, tsn & SERIAL_MASK, back) + data[at : at + step]
            for tsn, at in zip(range(tsn, tsn + count), range(start, end, step), strict=True)
        ]

    def _stays_whole(self, message: OutgoingMessage, room: int) -> bool:
        """Whether a message should rather begin the next packet than fill ``room`` bytes here.

        One that may be given up should depend on one packet only. A small one is cut only where
        too much of the packet would be left otherwise.
        """
        size, limit = len(message[0]), self._whole_limit
        if self._offset or size > limit:
            return False
        return message[3] is not None or (FEW * size <= limit and room < limit // WASTE)

    def _put_back(self, message: OutgoingMessage, stream: OutgoingStream) -> None:
        self._message = self._stream = None
        stream.messages.appendleft(message)
        self._ready.appendleft(stream)

    def _next_message(self, now: float) -> OutgoingMessage | None:
        ready = self._ready
        while ready:
            stream = ready.popleft()
            messages = stream.messages
            while messages:
                message = messages.popleft()
                partial = message[3]
                if partial is None or not partial.expired(now):
                    self._message = message
                    self._stream = stream
                    self._offset = self._settled = 0
                    if messages and messages[0][3] is not None:
                        self._note_expiry(messages[0][3])
                    return message
                self._release(stream, len(message[0]))
        return None

    def _end_message(self, size: int) -> None:
        stream = self._stream
        self._message = self._stream = None
        self._offset = 0
        if stream is not None:
            self._release(stream, size - self._settled)
            if stream.messages:
                self._ready.append(stream)

    def _release(self, stream: OutgoingStream, size: int) -> None:
        self._total -= size
        stream.size -= size
        if not stream.released:
            self._released.append(stream)
        stream.released += size

    def _settle(self) -> None:
        if self._stream is not None and self._offset > self._settled:
            self._release(self._stream, self._offset - self._settled)
            self._settled = self._offset

    def abandon_current(self, partial: PartialMessage) -> bool:
        """Drop the rest of the message being cut if it is this one; False when it is not."""
        message, stream = self._message, self._stream
        if message is None or stream is None or message[3] is not partial:
            return False
        stream.advance(message[2])
        self._end_message(len(message[0]))
        return True

    def current_partial(self) -> PartialMessage | None:
        """Return the limits of the message of which a part has been cut."""
        return None if self._message is None else self._message[3]

    def drop_expired(self, now: float) -> None:
        """Drop what waits at the head of its stream and has outlived its life."""
        self.expires = None
        message = self._message
        if message is not None and message[3] is not None and not message[3].expired(now):
            self._note_expiry(message[3])
        for stream in self._streams.values():
            messages = stream.messages
            while messages and (partial := messages[0][3]) is not None:
                if not partial.expired(now):
                    self._note_expiry(partial)
                    break
                self._release(stream, len(messages.popleft()[0]))
        self._ready = deque(stream for stream in self._ready if stream.messages)

    def buffered(self, number: int) -> int:
        """Return the payload bytes of a stream not yet cut."""
        self._settle()
        stream = self._streams.get(number)
        return 0 if stream is None else stream.size

    def total(self) -> int:
        """Return the payload bytes of all streams not yet cut."""
        self._settle()
        return self._total

    def take_released(self) -> dict[int, int]:
        """Return stream → bytes that left the queue since the last call."""
        self._settle()
        if not self._released:
            return {}
        taken, self._released = self._released, []
        released = {stream.number: stream.released for stream in taken}
        for stream in taken:
            stream.released = 0
        return released

    def hold(self, number: int) -> None:
        """Keep what is queued from now on until :meth:`restart`; the queue is empty now."""
        stream = self._streams.get(number)
        if stream is None:
            stream = self._streams[number] = OutgoingStream(number)
        stream.held = True

    def restart(self, number: int, *, sequence_reset: bool) -> None:
        """Let a held stream go on, with sequence number 0 after a reset."""
        stream = self._streams.get(number)
        if stream is None:
            return
        stream.held = False
        if sequence_reset:
            stream.sequence = 0
        if not stream.messages:
            if sequence_reset and not stream.released and stream is not self._stream:
                del self._streams[number]
        elif stream not in self._ready:
            self._ready.append(stream)
