"""How the congestion window grows between two losses: CUBIC (RFC 9438)."""

__all__ = ["BETA", "CubicGrowth"]

BETA = 0.7
_C = 0.4
_FRIENDLY_ALPHA = 3 * (1 - BETA) / (1 + BETA)


class CubicGrowth:
    """The cubic curve through the window of the last loss, and the Reno-friendly line below it.

    Windows are in bytes, ``segment`` is the size of a packet. ``window_max`` is the window around
    which the curve is flat (RFC 9438 section 4.1.2), 0 before the first loss.
    """

    __slots__ = ("_epoch", "_friendly", "_origin", "_root", "_segment", "window_max")

    def __init__(self, segment: int) -> None:
        self._segment = segment
        self._epoch: float | None = None
        self._origin = 0.0
        self._root = 0.0
        self._friendly = 0.0
        self.window_max = 0.0

    def reduced(self, before: float, after: float) -> None:
        """A loss took the window from ``before`` to ``after``; fast convergence (section 4.7)."""
        if before < self.window_max and after < before:
            self.window_max = before * (1 + BETA) / 2
        else:
            self.window_max = before
        self._epoch = None

    def set_segment(self, segment: int) -> None:
        """Go on with packets of another size."""
        self._segment = segment
        self._epoch = None

    def interrupted(self) -> None:
        """The window was not used up for a while: that time does not count (section 5.8)."""
        self._epoch = None

    def grow(self, window: float, size: int, round_trip: float, now: float) -> float:
        """Return the window after ``size`` bytes were acknowledged."""
        segment = self._segment
        epoch = self._epoch
        if epoch is None:
            epoch = self._epoch = now
            self._friendly = window
            self._origin = max(self.window_max, window)
            self._root = ((self._origin - window) / segment / _C) ** (1 / 3)
        friendlier = self._friendly < self.window_max
        alpha = _FRIENDLY_ALPHA if friendlier else 1.0
        self._friendly += alpha * segment * size / window
        time = now - epoch + round_trip - self._root
        target = self._origin + _C * segment * time * time * time
        target = min(max(target, window), 1.5 * window)
        grown = window + (target - window) * size / window
        return max(grown, self._friendly)
