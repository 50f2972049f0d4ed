"""When slow start has found the capacity of the path, before it loses packets (RFC 9406)."""

from math import inf

__all__ = ["SlowStart"]

_LEAST_THRESHOLD = 0.004
_MOST_THRESHOLD = 0.016
_DIVISOR = 8
_CONSERVATIVE_DIVISOR = 4
_CONSERVATIVE_ROUNDS = 5


class SlowStart:
    """HyStart++: round trips that grow show a queue.

    ``divisor`` is by what the growth of the window is divided: 1, or 4 in conservative slow start.
    """

    __slots__ = ("_baseline", "_current", "_last", "_rounds", "divisor")

    def __init__(self) -> None:
        self._last = inf
        self._current = inf
        self._baseline = inf
        self._rounds = 0
        self.divisor = 1

    def new_round(self) -> bool:
        """A round trip has passed; whether slow start ends."""
        self._last, self._current = self._current, inf
        if self.divisor == 1:
            return False
        self._rounds += 1
        return self._rounds >= _CONSERVATIVE_ROUNDS

    def sample(self, round_trip: float) -> None:
        """Take in a round trip of the present round."""
        self._current = min(self._current, round_trip)
        if self.divisor > 1:
            if self._current < self._baseline:
                self.divisor = 1
                self._baseline = inf
        elif self._last < inf:
            threshold = min(max(self._last / _DIVISOR, _LEAST_THRESHOLD), _MOST_THRESHOLD)
            if self._current >= self._last + threshold:
                self._baseline = self._current
                self._rounds = 0
                self.divisor = _CONSERVATIVE_DIVISOR
