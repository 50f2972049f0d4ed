"""What happened in a simulation, in order, so that two runs can be compared."""

import hashlib
from collections import Counter
from dataclasses import dataclass

__all__ = ["Trace", "TraceEntry"]


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One thing that happened: ``time`` in seconds, ``what`` in a word, and who took part."""

    time: float
    what: str
    details: str

    def __str__(self) -> str:
        return f"{self.time:.6f} {self.what} {self.details}"


class Trace:
    """A list of entries that only grows.

    It says who sent what kind of datagram to whom and when, but neither bytes nor sizes: those
    of a DTLS handshake come from OpenSSL's own randomness, which no seed reaches.
    """

    def __init__(self) -> None:
        self.entries: list[TraceEntry] = []

    def __str__(self) -> str:
        return "\n".join(map(str, self.entries))

    def record(self, time: float, what: str, details: str) -> None:
        """Add an entry."""
        self.entries.append(TraceEntry(time, what, details))

    def counts(self) -> Counter[str]:
        """Return how often each ``what`` happened."""
        return Counter(entry.what for entry in self.entries)

    def digest(self) -> str:
        """Return a short fingerprint; equal traces have equal ones."""
        return hashlib.sha256(str(self).encode()).hexdigest()[:16]
