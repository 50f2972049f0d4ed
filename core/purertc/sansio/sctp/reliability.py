"""Partial reliability: when a message is given up (RFC 3758, RFC 7496)."""

from itertools import takewhile
from typing import Final

from purertc.sansio.sctp.outstanding import Outstanding
from purertc.wire.sctp.chunks import ForwardTsn
from purertc.wire.serial import SERIAL_MASK

__all__ = ["PartialMessage", "PartialReliability"]

_MAX_FORWARD_STREAMS: Final = 256


class PartialMessage:
    """Limits of one message, and which TSNs it has got."""

    __slots__ = ("_max_retransmits", "expires", "first_tsn", "last_tsn", "sequence", "stream")

    def __init__(self, max_retransmits: int | None, expires: float | None) -> None:
        self._max_retransmits = max_retransmits
        self.expires = expires
        self.stream = 0
        self.sequence: int | None = None
        self.first_tsn: int | None = None
        self.last_tsn = 0

    def begin(self, stream: int, sequence: int | None) -> None:
        """The first fragment goes out; ``sequence`` is None for an unordered message."""
        self.stream = stream
        self.sequence = sequence

    def expired(self, now: float) -> bool:
        """Whether its life is over."""
        return self.expires is not None and now >= self.expires

    def exhausted(self, retransmissions: int, now: float) -> bool:
        """Whether a fragment resent that often must not be resent once more."""
        if self._max_retransmits is not None and retransmissions >= self._max_retransmits:
            return True
        return self.expired(now)


class PartialReliability:
    """The messages with limits whose chunks are outstanding, and the FORWARD-TSN they need."""

    __slots__ = ("_messages", "forward_due")

    def __init__(self) -> None:
        self._messages: dict[int, PartialMessage] = {}
        self.forward_due = False

    def sent(self, message: PartialMessage, tsn: int) -> None:
        """A fragment of the message has got this TSN."""
        if message.first_tsn is None:
            message.first_tsn = tsn
        message.last_tsn = tsn
        self._messages[tsn] = message

    def limits(self, tsn: int) -> PartialMessage | None:
        """Return the message of a TSN, None when it is fully reliable."""
        return self._messages.get(tsn)

    def acknowledged(self, base: int) -> None:
        """Forget what lies below ``base``."""
        messages = self._messages
        # They are in the order of their TSNs.
        for tsn in list(takewhile(base.__gt__, messages)):
            del messages[tsn]

    def exhausted(
        self, lost: list[int], counts: dict[int, int], now: float
    ) -> list[PartialMessage]:
        """Return the messages that a loss of these TSNs brings to their end."""
        if not self._messages:
            return []
        ended: dict[int, PartialMessage] = {}
        for tsn in lost:
            message = self._messages.get(tsn)
            if message is not None and message.exhausted(counts.get(tsn, 0), now):
                ended[id(message)] = message
        return list(ended.values())

    def forward_tsn(self, outstanding: Outstanding) -> ForwardTsn | None:
        """Return how far the peer may move its cumulative TSN (RFC 3758 section 3.5).

        Chunks already acknowledged by a gap block are stepped over only when their message has
        limits itself: for the others the peer may still take its word back.
        """
        self.forward_due = False
        point: int | None = None
        skipped: dict[int, int] = {}
        for tsn, abandoned in outstanding.leading():
            message = self._messages.get(tsn)
            if message is None or len(skipped) >= _MAX_FORWARD_STREAMS:
                break
            if abandoned:
                point = tsn
                if message.sequence is not None:
                    skipped[message.stream] = message.sequence
        if point is None:
            return None
        return ForwardTsn(point & SERIAL_MASK, tuple(skipped.items()))
