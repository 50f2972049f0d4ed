"""What waits on one outgoing stream."""

from collections import deque
from typing import Final

from purertc.sansio.sctp.reliability import PartialMessage
from purertc.wire.sctp.chunks import BEGIN, DATA_WORDS, END, UNORDERED
from purertc.wire.serial import SERIAL_MASK

__all__ = ["PADDING", "OutgoingMessage", "OutgoingStream"]

OutgoingMessage = tuple[bytes, int, int, PartialMessage | None]
"""Payload, payload protocol identifier, UNORDERED or 0, limits of its reliability."""

PADDING: Final = (b"", b"\x00\x00\x00", b"\x00\x00", b"\x00")
"""What fills a chunk up to four bytes, by the two lowest bits of its length."""

_WHOLE: Final = (BEGIN | END) << 16


class OutgoingStream:
    """Messages of stream ``number``, ``size`` payload bytes in all.

    ``released`` are the bytes that have left since somebody last asked. A ``held`` stream waits
    for the end of its reset.
    """

    __slots__ = ("held", "messages", "number", "released", "sequence", "size")

    def __init__(self, number: int) -> None:
        self.number = number
        self.messages: deque[OutgoingMessage] = deque()
        self.sequence = 0
        self.size = 0
        self.released = 0
        self.held = False

    def sequence_of(self, flags: int) -> int:
        """Return the stream sequence number for the next message."""
        return 0 if flags & UNORDERED else self.sequence

    def advance(self, flags: int) -> None:
        """A message with these flags has used its stream sequence number."""
        if not flags & UNORDERED:
            self.sequence = (self.sequence + 1) & 0xFFFF

    def cut_whole(
        self, tsn: int, room: int, most: int, chunks: list[bytes], sizes: list[int]
    ) -> int:
        """Append up to ``most`` whole messages without limits; return the room left.

        It ends at a message with limits or one that does not fit ``room`` bytes.
        """
        messages, pack = self.messages, DATA_WORDS.pack
        sequence = self.sequence
        high = self.number << 16
        take = messages.popleft
        while most and messages:
            message = take()
            data, ppid, flags, partial = message
            size = len(data)
            taken = (size + 19) & ~3
            if taken > room or partial is not None:
                messages.appendleft(message)
                break
            if flags:
                head = pack(_WHOLE | flags << 16 | (size + 16), tsn, high, ppid)
            else:
                head = pack(_WHOLE | (size + 16), tsn, high | sequence, ppid)
                sequence = (sequence + 1) & 0xFFFF
            chunks.append(head + data + PADDING[size & 3] if size & 3 else head + data)
            sizes.append(size)
            tsn = (tsn + 1) & SERIAL_MASK
            room -= taken
            most -= 1
        self.sequence = sequence
        return room
