"""aiortc.stats, as far as a connection without media can fill it."""

from typing import Any

from purertc_compat._absent import describe_absence

__all__ = ["RTCStatsReport"]

__path__, __getattr__ = describe_absence(__name__)


class RTCStatsReport(dict[str, Any]):
    """Statistics by their ``id``."""

    def add(self, stats: Any) -> None:  # noqa: ANN401  # any object with an id, as in aiortc
        """Add one object under its ``id``."""
        self[stats.id] = stats
