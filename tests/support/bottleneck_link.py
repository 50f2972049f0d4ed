"""A link in virtual time with a rate and a queue that drops what it cannot hold."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.support.lossy_link import PacketMachine

__all__ = ["Bottleneck", "BottleneckLink", "Direction"]

_OVERHEAD = 28 + 37
"""What IPv4, UDP and DTLS add to each packet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """One direction: bits and seconds and bytes. ``delay`` is without queueing.

    ``coalescing``: packets that arrive within this time are received together, as a network card
    or one read of a socket does it.
    """

    rate: float
    delay: float
    queue: int
    loss: float = 0.0
    coalescing: float = 0.0


class Direction:
    """What has happened in one direction; ``longest_queue`` in bytes."""

    def __init__(self, conditions: Bottleneck) -> None:
        self.conditions = conditions
        self.longest_queue = 0
        self.overflowed = 0
        self.lost = 0
        self.sent = 0
        self.free_at = 0.0
        self.queued_seconds = 0.0

    def admit(self, size: int, now: float, random: Random) -> float | None:
        """Return when a packet arrives, None when it is lost."""
        conditions = self.conditions
        self.sent += 1
        if random.random() < conditions.loss:
            self.lost += 1
            return None
        queued = max(0.0, self.free_at - now) * conditions.rate / 8
        if queued + size > conditions.queue:
            self.overflowed += 1
            return None
        self.longest_queue = max(self.longest_queue, int(queued + size))
        self.free_at = max(now, self.free_at) + size * 8 / conditions.rate
        self.queued_seconds += self.free_at - now
        return self.free_at + conditions.delay


class BottleneckLink:
    """Carries packets between two machines; ``after`` hears which side has had something to do."""

    def __init__(
        self,
        sides: tuple[PacketMachine, PacketMachine],
        forth: Bottleneck,
        back: Bottleneck,
        *,
        seed: int = 0,
        after: Callable[[int], None] | None = None,
    ) -> None:
        self.now = 1000.0
        self.directions = (Direction(forth), Direction(back))
        self._sides = sides
        self._random = Random(seed)
        self._after = after
        self._arrivals: tuple[list[tuple[float, int, bytes]], ...] = ([], [])
        self._count = 0

    def flush(self, index: int) -> None:
        """Put what one side has to send on its way."""
        direction, side = self.directions[index], self._sides[index]
        arrivals = self._arrivals[1 - index]
        while batch := side.packets(self.now):
            for packet in batch:
                at = direction.admit(len(packet) + _OVERHEAD, self.now, self._random)
                if at is not None:
                    self._count += 1
                    heapq.heappush(arrivals, (at, self._count, packet))

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        self.flush(0)
        self.flush(1)
        while True:
            moments = [self._next(0), self._next(1)]
            self.now = max(self.now, min(moments))
            if self.now > end:
                self.now = end
                return
            for index in (0, 1):
                if moments[index] <= self.now:
                    self._serve(index)

    def _next(self, index: int) -> float:
        deadline = self._sides[index].next_deadline()
        at = float("inf") if deadline is None else deadline
        arrivals = self._arrivals[index]
        if arrivals:
            at = min(at, arrivals[0][0] + self.directions[1 - index].conditions.coalescing)
        return at

    def _serve(self, index: int) -> None:
        side, arrivals = self._sides[index], self._arrivals[index]
        batch = []
        while arrivals and arrivals[0][0] <= self.now:
            batch.append(heapq.heappop(arrivals)[2])
        if batch:
            side.receive(batch, self.now)
        deadline = side.next_deadline()
        if deadline is not None and deadline <= self.now:
            side.handle_timeout(self.now)
        if self._after is not None:
            self._after(index)
        self.flush(index)
