"""One direction of a simulated link: what it does to each datagram."""

from random import Random

from purertc.testing.conditions import LinkConditions
from purertc.testing.counters import LinkCounters

__all__ = ["SimulatedLink"]


class SimulatedLink:
    """Decides when a datagram arrives, if at all. ``conditions`` may change at any time."""

    def __init__(self, conditions: LinkConditions, random: Random) -> None:
        self.conditions = conditions
        self.counters = LinkCounters()
        self._random = random
        self._free_at = 0.0
        self._last_arrival = 0.0

    def carry(
        self, size: int, now: float, *, may_be_cut: bool = False
    ) -> tuple[str, tuple[float, ...]]:
        """Return what becomes of an IP packet of ``size`` bytes sent ``now``, and its arrivals.

        No arrival when it is dropped, two when it is duplicated.
        """
        conditions, counters = self.conditions, self.counters
        counters.sent += 1
        # As many rolls for each packet, so that one condition does not shift the luck of others.
        loss, duplication, reordering, jitter = (self._random.random() for _ in range(4))
        fragments = -(-size // conditions.mtu)
        if fragments > 1 and not (may_be_cut and conditions.fragmentation):
            counters.too_large += 1
            return "too large", ()
        departure = self._departure(size, now)
        if departure is None:
            counters.queue_full += 1
            return "queue full", ()
        if loss < self._loss_of(fragments):
            counters.lost += 1
            return "lost", ()
        arrival = departure + conditions.latency + jitter * conditions.jitter
        arrival = max(arrival, self._last_arrival)
        if reordering < conditions.reordering:
            counters.reordered += 1
            arrival += conditions.reordering_delay
        else:
            self._last_arrival = arrival
        if duplication < conditions.duplication:
            counters.duplicated += 1
            return "twice", (arrival, arrival)
        return "sent", (arrival,)

    def delay(self, size: int, now: float) -> float:
        """Return when ``size`` bytes of a reliable stream arrive; it shares the bandwidth."""
        departure = max(now, self._free_at)
        if self.conditions.bandwidth is not None:
            departure += size * 8 / self.conditions.bandwidth
            self._free_at = departure
        jitter = self._random.random() * self.conditions.jitter
        return departure + self.conditions.latency + jitter

    def _loss_of(self, fragments: int) -> float:
        loss = self.conditions.loss
        return loss if fragments == 1 else 1 - (1 - loss) ** fragments

    def _departure(self, size: int, now: float) -> float | None:
        bandwidth = self.conditions.bandwidth
        if bandwidth is None:
            return now
        waiting = (self._free_at - now) * bandwidth / 8
        if waiting > 0 and waiting + size > self.conditions.queue:
            return None
        self._free_at = max(now, self._free_at) + size * 8 / bandwidth
        return self._free_at
