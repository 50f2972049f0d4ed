"""What was measured: figures of each run, and their medians."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Figures", "Outcome", "percentile"]

Figures = dict[str, float]
"""The figures of one run, by name."""


@dataclass
class Outcome:
    """What one scenario came to: the runs of each peer, in order, and what went wrong."""

    runs: dict[str, list[Figures]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def add(self, peer: str, figures: Figures) -> None:
        """Take one run."""
        self.runs.setdefault(peer, []).append(figures)

    def fail(self, peer: str, reason: str) -> None:
        """A run came to nothing."""
        self.failures[peer] = reason

    def median(self, peer: str, figure: str) -> float | None:
        """Return the median of a figure; None where the peer has none."""
        values = [run[figure] for run in self.runs.get(peer, []) if figure in run]
        return statistics.median(values) if values else None

    def ratio(self, figure: str, peer: str, other: str) -> float | None:
        """Return how much the figure of a peer is of another's; None where one has none."""
        mine, theirs = self.median(peer, figure), self.median(other, figure)
        if mine is None or not theirs:
            return None
        return mine / theirs


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all values lies; of one value, itself."""
    if len(values) == 1:
        return values[0]
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return cuts[round(100 * share) - 1]
