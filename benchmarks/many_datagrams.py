"""Many datagrams in one system call: ``recvmmsg`` and ``sendmmsg`` of 64-bit Linux, by ctypes.

Python's socket moves one at a time, and a forwarder that did would be busier than what it carries.
"""

import ctypes
import os
import socket
import struct
from collections.abc import Sequence
from errno import EAGAIN, ECONNREFUSED
from typing import NamedTuple

__all__ = ["Batch", "Part"]

COUNT = 64
MOST = 65536
SOL_UDP = 17
UDP_SEGMENT = 103
UDP_GRO = 104

MESSAGE = struct.Struct("=QI4xQQQQi4xI4x")
"""struct mmsghdr: name, its length, vectors, how many, control, its length, flags, bytes."""
VECTOR = struct.Struct("=QQ")
"""struct iovec: base, length."""
GRO = struct.Struct("=Qiii")
"""A control message (cmsg(3)) with an int: length, level, type, value."""
SEGMENT = struct.Struct("=QiiH")
"""The same with 16 bits."""
CONTROL = 64


class Part(NamedTuple):
    """Where a datagram lies, and how long it is; a run has the size of its datagrams, too."""

    slot: int
    length: int
    segment: int


class Batch:
    """Room for 64 datagrams, or runs of them. Raises OSError where the system lacks the calls."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        if not hasattr(library, "recvmmsg") or ctypes.sizeof(ctypes.c_void_p) != 8:
            raise OSError("this system has no recvmmsg; losing datagrams needs 64-bit Linux")
        self._library = library
        self.room, self._room = _memory(COUNT * MOST)
        self._vectors, self._vectors_at = _memory(COUNT * VECTOR.size)
        self._messages, self._messages_at = _memory(COUNT * MESSAGE.size)
        self._controls, self._controls_at = _memory(COUNT * CONTROL)
        self._lay([Part(slot, MOST, 0) for slot in range(COUNT)], CONTROL)
        self._fresh = bytes(self._vectors), bytes(self._messages)

    def receive(self, sock: socket.socket) -> list[Part]:
        """Take what is there; what was here is overwritten."""
        self._vectors[:], self._messages[:] = self._fresh
        count = self._library.recvmmsg(
            sock.fileno(), ctypes.c_void_p(self._messages_at), COUNT, socket.MSG_DONTWAIT, None
        )
        if count < 0:
            _raise_unless(EAGAIN, ECONNREFUSED)
            return []
        parts = []
        filled = self._messages[: count * MESSAGE.size]
        for slot, message in enumerate(MESSAGE.iter_unpack(filled)):
            segment = self._segment_of(slot) if message[5] else 0
            parts.append(Part(slot, message[7], segment))
        return parts

    def _segment_of(self, slot: int) -> int:
        _, level, kind, size = GRO.unpack_from(self._controls, slot * CONTROL)
        return int(size) if (level, kind) == (SOL_UDP, UDP_GRO) else 0

    def keep(self, run: Part, numbers: Sequence[int]) -> Part:
        """Leave some datagrams of a run, moved together in place."""
        start, size = run.slot * MOST, run.segment
        whole = self.room[start : start + run.length]
        kept = b"".join(whole[number * size : (number + 1) * size] for number in numbers)
        whole[: len(kept)] = kept
        return Part(run.slot, len(kept), size)

    def send(self, sock: socket.socket, parts: Sequence[Part]) -> None:
        """Send parts of what was received; a peer that has gone loses what is for it."""
        self._lay(parts, SEGMENT.size)
        sent = 0
        while sent < len(parts):
            first = ctypes.c_void_p(self._messages_at + sent * MESSAGE.size)
            count = self._library.sendmmsg(sock.fileno(), first, len(parts) - sent, 0)
            if count < 0:
                _raise_unless(ECONNREFUSED)
            sent += max(count, 1)

    def _lay(self, parts: Sequence[Part], control_size: int) -> None:
        """Write the headers of parts; those of runs say how to split them (UDP_SEGMENT)."""
        for number, (slot, length, segment) in enumerate(parts):
            VECTOR.pack_into(self._vectors, number * VECTOR.size, self._room + slot * MOST, length)
            vector = self._vectors_at + number * VECTOR.size
            control, size = self._controls_at + number * CONTROL, control_size
            if segment and segment < length:
                SEGMENT.pack_into(
                    self._controls, number * CONTROL, SEGMENT.size, SOL_UDP, UDP_SEGMENT, segment
                )
            elif control_size != CONTROL:
                control = size = 0
            MESSAGE.pack_into(
                self._messages, number * MESSAGE.size, 0, 0, vector, 1, control, size, 0, 0
            )


def _memory(size: int) -> tuple[memoryview, int]:
    """Return memory that stays where it is, and its address."""
    buffer = (ctypes.c_char * size)()
    return memoryview(buffer).cast("B"), ctypes.addressof(buffer)


def _raise_unless(*expected: int) -> None:
    number = ctypes.get_errno()
    if number not in expected:
        raise OSError(number, os.strerror(number))
