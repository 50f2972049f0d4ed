"""Numbers of datagrams."""

from dataclasses import dataclass

__all__ = ["LinkCounters", "NetworkCounters"]


@dataclass(slots=True)
class LinkCounters:
    """Datagrams of one link direction."""

    sent: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    queue_full: int = 0
    too_large: int = 0


@dataclass(slots=True)
class NetworkCounters:
    """Datagrams of the whole network. A duplicated one is sent once and delivered twice."""

    sent: int = 0
    delivered: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    queue_full: int = 0
    too_large: int = 0
    unreachable: int = 0
    """No such address or port, or no way back out of a private network."""
    partitioned: int = 0
    nat_blocked: int = 0
    buffer_full: int = 0
