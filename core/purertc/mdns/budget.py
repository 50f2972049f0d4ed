"""How much work others may cause."""

__all__ = ["Budget"]


class Budget:
    """A token bucket: ``per_second`` on average, ``burst`` at once."""

    __slots__ = ("_burst", "_left", "_per_second", "_updated")

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._left = burst
        self._updated: float | None = None

    def spend(self, now: float) -> bool:
        """Take one token; False when there is none."""
        if self._updated is not None:
            self._left = min(self._burst, self._left + (now - self._updated) * self._per_second)
        self._updated = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
