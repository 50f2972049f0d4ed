"""Counts what one end receives during a fixed time from the first message on."""

import time
from collections import Counter

__all__ = ["Meter"]


class Meter:
    """Takes messages; replies with the message where it is told to echo."""

    def __init__(self, *, echo: bool) -> None:
        self._echo = echo
        self.first = 0.0
        self.sizes: Counter[str] = Counter()
        self.messages = 0

    def take(self, label: str, message: str | bytes) -> str | bytes | None:
        """Count one message."""
        if not self.messages:
            self.first = time.perf_counter()
        self.messages += 1
        self.sizes[label] += len(message)
        return message if self._echo else None

    def read(self) -> dict[str, object]:
        """Return seconds since the first message, messages, and bytes by channel."""
        return {
            "seconds": time.perf_counter() - self.first,
            "messages": self.messages,
            "bytes": dict(self.sizes),
        }
