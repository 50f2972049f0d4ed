"""What one scenario is: how it runs, what it measures, what is wanted of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.peers import OWN, Peer, Ready
from benchmarks.results import Figures, Outcome

__all__ = ["Better", "Effort", "Figure", "Goal", "Scenario", "Verdict"]


class Better(StrEnum):
    """Which of two figures is the better one."""

    MORE = "more"
    LESS = "less"
    NEITHER = "neither"


@dataclass(frozen=True)
class Effort:
    """How much to measure: seconds of sending, pairs to set up and to leave idle.

    ``counted`` says what valgrind counts, as each of it takes its time.
    """

    runs: int
    seconds: float
    pairs: int
    pairs_with_servers: int
    idle_pairs: int
    idle_seconds: float
    memory_messages: int
    counted: Sequence[str]


@dataclass(frozen=True)
class Figure:
    """One column of a table."""

    name: str
    title: str
    better: Better = Better.NEITHER
    digits: int = 0


class Verdict(StrEnum):
    """How a goal stands."""

    REACHED = "goal reached"
    ENOUGH = "enough, goal missed"
    MISSED = "MISSED"


@dataclass(frozen=True)
class Goal:
    """What a peer's ratio to another must and should be; of ``against=None``, its figure itself."""

    figure: str
    against: str | None
    must: float | None
    wanted: float
    peer: str = OWN

    def value(self, outcome: Outcome) -> float | None:
        """Return what the goal is about; None where something was not measured."""
        if self.against is None:
            return outcome.median(self.peer, self.figure)
        return outcome.ratio(self.figure, self.peer, self.against)

    def verdict(self, value: float, better: Better) -> Verdict:
        """Return how a value stands to the goal."""
        sign = -1 if better is Better.LESS else 1
        if sign * value >= sign * self.wanted:
            return Verdict.REACHED
        enough = self.must is None or sign * value >= sign * self.must
        return Verdict.ENOUGH if enough else Verdict.MISSED


Run = Callable[[Ready, Effort, int], Figures]
"""Measures one peer once; the number of the run seeds what is random."""


@dataclass(frozen=True)
class Scenario:
    """One comparison. The first figure is the one that is drawn."""

    name: str
    title: str
    run: Run
    figures: Sequence[Figure]
    goals: Sequence[Goal] = ()
    takes: Callable[[Peer], bool] = lambda _: True
    once: bool = False
    """Whether repeating it gives the same figures."""

    def figure(self, name: str) -> Figure:
        """Return one of the figures."""
        return next(figure for figure in self.figures if figure.name == name)
