"""What waits on one outgoing stream."""

from collections import deque
from typing import Final

from purertc.sansio.sctp.reliability import PartialMessage
from purertc.wire.sctp.chunks import (
    BEGIN,
    DATA_HEADER_SIZE,
    DATA_WORDS,
    END,
    NEXT_NUMBERS,
    UNORDERED,
    data_layout,
)
from purertc.wire.serial import SERIAL_MASK

__all__ = ["FEW", "PADDING", "WASTE", "OutgoingMessage", "OutgoingStream"]

OutgoingMessage = tuple[bytes, int, int, PartialMessage | None]
"""Payload, payload protocol identifier, UNORDERED or 0, limits of its reliability."""

PADDING: Final = (b"", b"\x00\x00\x00", b"\x00\x00", b"\x00")
"""What fills a chunk up to four bytes, by the two lowest bits of its length."""

WASTE: Final = 8
"""A packet may be shorter by up to an eighth rather than have a small message cut in two."""

FEW: Final = 4
"""Messages of which not even so many fill a packet are not small."""

_WHOLE: Final = (BEGIN | END) << 16


class OutgoingStream:
    """Messages of stream ``number``, ``size`` payload bytes in all.

    ``released`` are the bytes that have left since somebody last asked. A ``held`` stream waits
    for the end of its reset. The last ``alike`` messages that were queued are of one ``kind``:
    size, payload protocol identifier and flags. A message with limits is of no kind.
    """

    __slots__ = ("alike", "held", "kind", "messages", "number", "released", "sequence", "size")

    def __init__(self, number: int) -> None:
        self.number = number
        self.messages: deque[OutgoingMessage] = deque()
        self.sequence = 0
        self.size = 0
        self.released = 0
        self.held = False
        self.alike = 0
        self.kind = (0, 0, 0)

    def sequence_of(self, flags: int) -> int:
        """Return the stream sequence number for the next message."""
        return 0 if flags & UNORDERED else self.sequence

    def advance(self, flags: int) -> None:
        """A message with these flags has used its stream sequence number."""
        if not flags & UNORDERED:
            self.sequence = (self.sequence + 1) & 0xFFFF

    def cut_alike(self, tsn: int, room: int, packets: int) -> tuple[list[bytes], int]:
        """Return the chunks of whole messages for up to ``packets`` packets of ``room`` bytes.

        Second comes how many of them each packet holds. Nothing unless all messages here are of
        one kind, and several of them fill a packet, or almost.
        """
        messages = self.messages
        size, ppid, flags = self.kind
        taken = (size + 19) & ~3
        each = room // taken
        if self.alike < len(messages) or each < FEW or room - each * taken >= room // WASTE:
            return [], 0
        sequence = 0 if flags else self.sequence
        # Neither the TSN nor the sequence number may wrap around in a run.
        most = min(len(messages), SERIAL_MASK + 1 - tsn, 0x10000 - sequence)
        count = each * min(packets, most // each)
        first = tsn << 32 | self.number << 16 | sequence
        step = NEXT_NUMBERS & ~1 if flags else NEXT_NUMBERS
        head = _WHOLE | flags << 16 | (size + DATA_HEADER_SIZE)
        pack, take = data_layout(size).pack, messages.popleft
        numbers = range(first, first + count * step, step)
        chunks = [pack(head, each_number, ppid, take()[0]) for each_number in numbers]
        if not flags:
            self.sequence = (sequence + count) & 0xFFFF
        return chunks, each

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
