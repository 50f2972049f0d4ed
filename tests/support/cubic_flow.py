"""What TCP CUBIC gets of a bottleneck: a model of one flow that has always something to send.

Slow start, congestion avoidance and multiplicative decrease of RFC 9438 with initial windows of ten
segments (RFC 6928); losses are known when three later segments have arrived (RFC 6675).
"""

import heapq
from random import Random

from tests.support.bottleneck_link import Bottleneck, Direction

__all__ = ["CubicFlow"]

_BETA = 0.7
_C = 0.4
_LATER = 3


class CubicFlow:
    """Segments are numbered; a segment that was lost gets a new number."""

    def __init__(self, conditions: Bottleneck, *, seed: int = 0, payload: int = 1160) -> None:
        self.direction = Direction(conditions)
        self.window = 10.0
        self._payload = payload
        self._packet = payload + 28 + 28 + 37
        self._random = Random(seed)
        self._threshold = float("inf")
        self._maximum = 0.0
        self._friendly = 0.0
        self._epoch: float | None = None
        self._recovery_end = -1
        self._next = 0
        self._in_flight: dict[int, float] = {}
        self._acknowledgements: list[tuple[float, int]] = []
        self.now = 0.0

    def run(self, seconds: float) -> float:
        """Send for so long; return megabits of payload a second."""
        end = self.now + seconds
        delivered = 0
        self._send()
        while self._acknowledgements and self._acknowledgements[0][0] <= end:
            self.now, number = heapq.heappop(self._acknowledgements)
            delivered += self._payload
            self._acknowledged(number)
            self._send()
        self.now = end
        return delivered * 8 / seconds / 1e6

    def _send(self) -> None:
        while len(self._in_flight) < int(self.window):
            self._in_flight[self._next] = self.now
            at = self.direction.admit(self._packet, self.now, self._random)
            if at is not None:
                back = at + self.direction.conditions.delay
                heapq.heappush(self._acknowledgements, (back, self._next))
            self._next += 1

    def _acknowledged(self, number: int) -> None:
        round_trip = self.now - self._in_flight.pop(number)
        lost = [sent for sent in self._in_flight if sent <= number - _LATER]
        for sent in lost:
            del self._in_flight[sent]
        if lost and max(lost) > self._recovery_end:
            self._reduce()
        elif number > self._recovery_end:
            self._grow(round_trip)

    def _reduce(self) -> None:
        fast = self.window < self._maximum
        self._maximum = self.window * (1 + _BETA) / 2 if fast else self.window
        self.window = self._threshold = max(self.window * _BETA, 2.0)
        self._recovery_end = self._next - 1
        self._epoch = None

    def _grow(self, round_trip: float) -> None:
        if self.window < self._threshold:
            self.window += 1.0
            return
        if self._epoch is None:
            self._epoch = self.now
            self._friendly = self.window
            self._maximum = max(self._maximum, self.window)
        root = (self._maximum * (1 - _BETA) / _C) ** (1 / 3)
        alpha = 3 * (1 - _BETA) / (1 + _BETA) if self._friendly < self._maximum else 1.0
        self._friendly += alpha / self.window
        time = self.now - self._epoch + round_trip
        target = _C * (time - root) ** 3 + self._maximum
        target = min(max(target, self.window), 1.5 * self.window)
        self.window = max(self.window + (target - self.window) / self.window, self._friendly)
