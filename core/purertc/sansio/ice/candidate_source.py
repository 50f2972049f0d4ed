"""Where a local candidate came from."""

from dataclasses import dataclass

__all__ = ["CandidateSource"]


@dataclass(frozen=True, slots=True)
class CandidateSource:
    """Which server gave a local candidate; ``relay_protocol`` is "udp", "tcp" or "tls"."""

    url: str
    relay_protocol: str | None = None
