"""Round-trip time and retransmission timeout (RFC 9260 section 6.3.1)."""

from collections.abc import Sequence
from typing import Final

__all__ = ["RetransmissionTimeout", "RoundTripSample"]

_ALPHA: Final = 1 / 8
_BETA: Final = 1 / 4


class RetransmissionTimeout:
    """Estimates the round-trip time; ``value`` is the timeout in seconds, back-off included."""

    __slots__ = ("_deviation", "_initial", "_maximum", "_minimum", "smoothed", "value")

    def __init__(self, initial: float, minimum: float, maximum: float) -> None:
        self._initial = initial
        self._minimum = minimum
        self._maximum = maximum
        self.smoothed: float | None = None
        self._deviation = 0.0
        self.value = initial

    def sample(self, round_trip: float) -> None:
        """Take in one measurement, which also ends a back-off."""
        if round_trip < 0:
            return
        if self.smoothed is None:
            self.smoothed = round_trip
            self._deviation = round_trip / 2
        else:
            difference = abs(self.smoothed - round_trip)
            self._deviation += _BETA * (difference - self._deviation)
            self.smoothed += _ALPHA * (round_trip - self.smoothed)
        self.end_back_off()

    def back_off(self) -> None:
        """Double the timeout after it has expired (rule E2)."""
        self.value = min(self.value * 2, self._maximum)

    def end_back_off(self) -> None:
        """Return to the estimate.

        Karn's rule yields no sample while all data is being retransmitted; without this the
        doubled timeout would outlive the loss that caused it.
        """
        if self.smoothed is None:
            self.value = self._initial
        else:
            estimate = self.smoothed + 4 * self._deviation
            self.value = min(max(estimate, self._minimum), self._maximum)


class RoundTripSample:
    """Measures the round trip of one chunk at a time, which must have been sent just once.

    That is Karn's rule (RFC 9260 section 6.3.1 rule C5). A chunk that has arrived although an
    earlier one is missing counts when a gap block tells of it: the cumulative TSN may reach it
    much later, when that one was repeated or given up.
    """

    __slots__ = ("_rto", "_sent_at", "_tsn")

    def __init__(self, rto: RetransmissionTimeout) -> None:
        self._rto = rto
        self._tsn: int | None = None
        self._sent_at = 0.0

    def sent(self, tsn: int, now: float) -> None:
        """Begin with this chunk unless one is being measured."""
        if self._tsn is None:
            self._tsn = tsn
            self._sent_at = now

    def forget(self) -> None:
        """Measure another chunk: this one may be sent again, or was given up."""
        self._tsn = None

    def acknowledged(self, cumulative: int, gaps: Sequence[tuple[int, int]], now: float) -> None:
        """Take the measurement if the chunk is among those acknowledged."""
        if self._tsn is None:
            return
        offset = self._tsn - cumulative
        if offset <= 0 or any(start <= offset <= last for start, last in gaps):
            self._rto.sample(now - self._sent_at)
            self._tsn = None
