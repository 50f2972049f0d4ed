"""Which TSNs have arrived beyond the cumulative one."""

from bisect import bisect_right

__all__ = ["GapBlocks"]


class GapBlocks:
    """Sorted, disjoint, non-adjacent ranges of TSNs (counts that do not wrap)."""

    __slots__ = ("_lasts", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._lasts: list[int] = []

    def __bool__(self) -> bool:
        return bool(self._starts)

    def add(self, tsn: int) -> bool:
        """Note a TSN; False when it was noted before."""
        starts, lasts = self._starts, self._lasts
        if lasts and tsn == lasts[-1] + 1:
            lasts[-1] = tsn
            return True
        index = bisect_right(starts, tsn)
        if index and tsn <= lasts[index - 1]:
            return False
        joins_left = index > 0 and lasts[index - 1] + 1 == tsn
        joins_right = index < len(starts) and starts[index] == tsn + 1
        if joins_left and joins_right:
            lasts[index - 1] = lasts[index]
            del starts[index], lasts[index]
        elif joins_left:
            lasts[index - 1] = tsn
        elif joins_right:
            starts[index] = tsn
        else:
            starts.insert(index, tsn)
            lasts.insert(index, tsn)
        return True

    def highest(self) -> int | None:
        """Return the highest TSN noted."""
        return self._lasts[-1] if self._lasts else None

    def advance(self, expected: int) -> int:
        """Drop what is below ``expected``; return the first TSN from there on not noted."""
        starts, lasts = self._starts, self._lasts
        count = bisect_right(starts, expected)
        if count and lasts[count - 1] >= expected:
            expected = lasts[count - 1] + 1
        del starts[:count], lasts[:count]
        return expected

    def blocks(self, cumulative: int, limit: int) -> list[tuple[int, int]]:
        """Return up to ``limit`` gap blocks as offsets from ``cumulative``."""
        pairs = zip(self._starts[:limit], self._lasts[:limit], strict=True)
        return [(start - cumulative, last - cumulative) for start, last in pairs]
