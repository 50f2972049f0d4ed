"""Which SCTP stream a new data channel takes (RFC 8832 section 6)."""

import heapq
from collections.abc import Container

__all__ = ["StreamIds"]


class StreamIds:
    """Even ids for the DTLS client, odd ones for the server, the lowest free one first."""

    __slots__ = ("_freed", "_next", "_waiting")

    def __init__(self, *, dtls_client: bool) -> None:
        self._next = 0 if dtls_client else 1
        self._freed: list[int] = []
        self._waiting: dict[int, None] = {}

    def take(self, in_use: Container[int], limit: int) -> int | None:
        """Return an id of ours below ``limit`` that is not in use, or None if none is left."""
        while self._freed:
            stream = heapq.heappop(self._freed)
            self._waiting.pop(stream, None)
            if stream not in in_use and stream < limit:
                return stream
        while self._next < limit:
            stream = self._next
            self._next += 2
            if stream not in in_use:
                return stream
        return None

    def give_back(self, stream: int) -> None:
        """Take note that the stream may carry another channel."""
        ours = stream < self._next and stream % 2 == self._next % 2
        if ours and stream not in self._waiting:
            self._waiting[stream] = None
            heapq.heappush(self._freed, stream)
