"""Where a process spends its CPU time: what it runs whenever a timer of that time ticks."""

import signal
from collections import Counter
from types import FrameType

__all__ = ["Sampler"]

INTERVAL = 0.001
"""Seconds to ask for; the system ticks less often, 250 times a second or so."""
DEEPEST = 12


class Sampler:
    """Counts stacks by timer signal (ITIMER_PROF); for the main thread of a process."""

    def __init__(self) -> None:
        self._stacks: Counter[str] = Counter()

    def start(self) -> None:
        """Look from now on."""
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)

    def stop(self) -> None:
        """Look no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def read(self) -> dict[str, int]:
        """How often each stack was seen: ``file:function`` from the innermost, joined by ``;``."""
        return dict(self._stacks)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        names: list[str] = []
        while frame is not None and len(names) < DEEPEST:
            names.append(f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}")
            frame = frame.f_back
        self._stacks[";".join(names)] += 1
