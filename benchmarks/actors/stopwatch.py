"""Wall and CPU time of a piece of work."""

import time
from dataclasses import dataclass

__all__ = ["Stopwatch", "Times"]


@dataclass(frozen=True)
class Times:
    """Seconds."""

    wall: float
    cpu: float


class Stopwatch:
    """Runs from its making."""

    def __init__(self) -> None:
        self._wall = time.perf_counter()
        self._cpu = time.process_time()

    def read(self) -> Times:
        """Return what has passed since; CPU time of the whole process."""
        return Times(time.perf_counter() - self._wall, time.process_time() - self._cpu)
