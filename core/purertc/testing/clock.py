"""Virtual time: a clock that stands still until it is moved, and what is to happen when."""

import heapq
from collections.abc import Callable

__all__ = ["ScheduledCall", "VirtualClock"]


class ScheduledCall:
    """A function that is to be called at a time."""

    __slots__ = ("_callback", "when")

    def __init__(self, when: float, callback: Callable[[], None]) -> None:
        self.when = when
        self._callback: Callable[[], None] | None = callback

    @property
    def is_pending(self) -> bool:
        """Whether it was neither called nor cancelled."""
        return self._callback is not None

    def cancel(self) -> None:
        """Do not call the function."""
        self._callback = None

    def fire(self) -> None:
        """Call the function, at most once."""
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class VirtualClock:
    """Seconds since the start of a simulation, and a queue of calls ordered by time.

    Whoever runs the simulation asks :meth:`next_event` and moves the clock with :meth:`advance`.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._queue: list[tuple[float, int, ScheduledCall]] = []
        self._scheduled = 0

    def schedule(self, when: float, callback: Callable[[], None]) -> ScheduledCall:
        """Call ``callback`` at ``when``; calls of one moment come in the order of scheduling."""
        call = ScheduledCall(when, callback)
        self._scheduled += 1
        heapq.heappush(self._queue, (when, self._scheduled, call))
        return call

    def next_event(self) -> float | None:
        """Return when the next call is due; None when there is none."""
        self._drop_cancelled()
        return self._queue[0][0] if self._queue else None

    def advance(self, until: float) -> None:
        """Make every call that is due up to ``until``, each at its time, and stop there."""
        while (when := self.next_event()) is not None and when <= until:
            call = heapq.heappop(self._queue)[2]
            self.now = max(self.now, when)
            call.fire()
        self.now = max(self.now, until)

    def skip(self, seconds: float) -> None:
        """Let time pass while nothing is called, as in a program that blocks its loop."""
        self.now += max(0.0, seconds)

    def _drop_cancelled(self) -> None:
        queue = self._queue
        while queue and not queue[0][2].is_pending:
            heapq.heappop(queue)
