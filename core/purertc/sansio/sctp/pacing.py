"""Spreads a window over the round trip, so that a burst does not overrun a bottleneck."""

__all__ = ["Pacer"]

_UNPACED_ROUND_TRIP = 0.002
_SLOW_START_GAIN = 2.0
_GAIN = 1.25
_LEAST_BURST_PACKETS = 10
_BURST_SECONDS = 0.002


class Pacer:
    """A credit in bytes that fills at a little more than a window each round trip.

    Paths whose shortest round trip is below two milliseconds are not paced: no timer is as fine as
    that, and their bursts stay within what cards and switches hold. ``deadline`` is when more may
    go out.
    """

    __slots__ = ("_credit", "_filled_at", "_mtu", "_rate", "deadline")

    def __init__(self, mtu: int) -> None:
        self._mtu = mtu
        self._rate = 0.0
        self._credit = 0.0
        self._filled_at = 0.0
        self.deadline: float | None = None

    def set_mtu(self, mtu: int) -> None:
        """Count in packets of another size."""
        self._mtu = mtu

    def credit(
        self,
        window: int,
        round_trip: float | None,
        shortest: float,
        *,
        slow_start: bool,
        now: float,
    ) -> int | None:
        """Return how many bytes may go out now, None for any number.

        ``round_trip`` is the smoothed one, ``shortest`` the least that was seen.
        """
        if round_trip is None or min(round_trip, shortest) < _UNPACED_ROUND_TRIP:
            self._rate = 0.0
            self.deadline = None
            return None
        rate = (_SLOW_START_GAIN if slow_start else _GAIN) * window / round_trip
        burst = max(_LEAST_BURST_PACKETS * self._mtu, rate * _BURST_SECONDS)
        if not self._rate:
            self._credit = burst
        else:
            self._credit = min(self._credit + (now - self._filled_at) * self._rate, burst)
        self._rate = rate
        self._filled_at = now
        return int(self._credit)

    def used(self, size: int, now: float, *, more: bool) -> None:
        """Count what has gone out; ``more`` says that pacing held something back."""
        self._credit -= size
        self.deadline = None
        if more and self._rate:
            wanted = max(_LEAST_BURST_PACKETS * self._mtu / 2, self._rate * _BURST_SECONDS / 2)
            self.deadline = now + max(0.0, wanted - self._credit) / self._rate
