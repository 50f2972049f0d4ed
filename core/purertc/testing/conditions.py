"""How a simulated link treats datagrams."""

from dataclasses import dataclass

from purertc.errors import ArgumentError

__all__ = ["LinkConditions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkConditions:
    """One direction of a link. Times in seconds, sizes in bytes, probabilities from 0 to 1.

    ``latency``, ``jitter``
        Each datagram takes ``latency`` plus a random part of ``jitter``; neither reorders.
    ``loss``, ``duplication``
        The probability that a datagram is lost, or arrives twice.
    ``reordering``, ``reordering_delay``
        The probability that a datagram is held back for ``reordering_delay``, so that those
        behind it overtake.
    ``bandwidth``, ``queue``
        Bits per second, None for no limit; what waits for its turn, a datagram that finds no
        room is dropped (tail drop). An idle link takes a datagram of any size.
    ``mtu``
        The largest IP packet: datagram plus 28 bytes of headers, 48 with IPv6. Larger ones are
        dropped, or cut.
    ``fragmentation``
        Whether larger packets arrive in fragments when their sender allows that: of IPv4 most
        do, of IPv6 those that the sender cuts itself. Each fragment may be lost.

    Raises ArgumentError for numbers out of range.
    """

    latency: float = 0.01
    jitter: float = 0.0
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    reordering_delay: float = 0.02
    bandwidth: float | None = None
    queue: int = 65536
    mtu: int = 1500
    fragmentation: bool = False

    def __post_init__(self) -> None:
        for name in ("loss", "duplication", "reordering"):
            if not 0 <= getattr(self, name) <= 1:
                raise ArgumentError(f"{name} is a probability from 0 to 1")
        for name in ("latency", "jitter", "reordering_delay", "queue"):
            if not getattr(self, name) >= 0:
                raise ArgumentError(f"{name} must not be negative")
        if self.bandwidth is not None and not self.bandwidth > 0:
            raise ArgumentError("bandwidth is in bits per second; None means no limit")
        if self.mtu < 68:
            raise ArgumentError("mtu must be at least 68 bytes (RFC 791)")
