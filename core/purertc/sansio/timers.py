"""One table of deadlines for a state machine, instead of task handles."""

from collections.abc import Iterator
from math import ceil
from typing import Final

__all__ = ["TimerTable", "next_tick"]

_TICKS: Final = 10
"""In a second of the caller's clock."""


def next_tick(at: float) -> float:
    """Return when something is to happen that need not happen just at ``at``: up to 0.1 s later.

    What hundreds of idle connections do now and then falls on the same ticks. To do it for some of
    them in one turn of the loop takes a fraction of the time that as many turns take.
    """
    return ceil(at * _TICKS) / _TICKS


class TimerTable:
    """Named deadlines, in seconds of the caller's clock.

    A machine sets and stops timers by name and asks which have expired. Nothing here
    reads a clock.
    """

    __slots__ = ("_deadlines", "_earliest")

    def __init__(self) -> None:
        self._deadlines: dict[str, float] = {}
        # Asked for after every packet, while timers change seldom.
        self._earliest: float | None = None

    def set(self, name: str, deadline: float) -> None:
        """Start the timer, or move it."""
        self._deadlines[name] = deadline
        self._earliest = min(self._deadlines.values())

    def stop(self, name: str) -> None:
        """Stop the timer; one that does not run is no error."""
        if self._deadlines.pop(name, None) is not None:
            self._earliest = min(self._deadlines.values(), default=None)

    def get(self, name: str) -> float | None:
        """Return the timer's deadline, or None when it does not run."""
        return self._deadlines.get(name)

    def clear(self) -> None:
        """Stop all timers."""
        self._deadlines.clear()
        self._earliest = None

    def next_deadline(self) -> float | None:
        """Return the earliest deadline, or None when no timer runs."""
        return self._earliest

    def expire(self, now: float) -> Iterator[str]:
        """Stop and yield the timers that are due at ``now``, the earliest first."""
        if self._earliest is None or self._earliest > now:
            return
        due = sorted((at, name) for name, at in self._deadlines.items() if at <= now)
        for at, name in due:
            if self._deadlines.get(name) == at:
                self.stop(name)
                yield name
