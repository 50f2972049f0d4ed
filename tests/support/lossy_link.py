"""A seeded link in virtual time between two machines that speak in packets."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

__all__ = ["LinkConditions", "LossyLink", "PacketMachine"]


class PacketMachine(Protocol):
    """What the link needs of a machine."""

    def receive(self, packets: Sequence[bytes], now: float) -> None: ...

    def packets(self, now: float, limit: int = 52) -> list[bytes]: ...

    def handle_timeout(self, now: float) -> None: ...

    def next_deadline(self) -> float | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkConditions:
    """One direction of a link: probabilities from 0 to 1, times in seconds."""

    loss: float = 0.0
    duplication: float = 0.0
    delay: float = 0.025
    jitter: float = 0.0
    reordering: float = 0.0
    reordering_delay: float = 0.02


class LossyLink:
    """Carries packets between ``left`` and ``right`` and runs their timers.

    Packets that reach a side at the same moment are received as one batch. ``drop`` may be
    set to a predicate (sender index, packet) that loses chosen packets. ``after`` is called
    with the side's index whenever it has received something or a timer of it has run.
    """

    def __init__(
        self,
        left: PacketMachine,
        right: PacketMachine,
        *,
        seed: int = 0,
        conditions: LinkConditions | None = None,
        back: LinkConditions | None = None,
        after: Callable[[int], None] | None = None,
    ) -> None:
        self.now = 1000.0
        self.drop: Callable[[int, bytes], bool] | None = None
        self.sent = [0, 0]
        self._sides = (left, right)
        forth = conditions or LinkConditions()
        self._conditions = (forth, back or forth)
        self._random = Random(seed)
        self._after = after
        self._queue: list[tuple[float, int, int, bytes]] = []
        self._count = 0
        self._last_arrival = [0.0, 0.0]

    def flush(self) -> None:
        """Put everything both sides have to send on its way."""
        for index in (0, 1):
            while batch := self._sides[index].packets(self.now):
                for packet in batch:
                    self._carry(index, packet)

    def _carry(self, sender: int, packet: bytes) -> None:
        self.sent[sender] += 1
        conditions, random = self._conditions[sender], self._random
        if self.drop is not None and self.drop(sender, packet):
            return
        if random.random() < conditions.loss:
            return
        arrival = self.now + conditions.delay + random.random() * conditions.jitter
        if conditions.reordering and random.random() < conditions.reordering:
            arrival += random.random() * conditions.reordering_delay
        elif not conditions.jitter:
            arrival = max(arrival, self._last_arrival[sender])
            self._last_arrival[sender] = arrival
        self._push(arrival, 1 - sender, packet)
        if random.random() < conditions.duplication:
            self._push(arrival + random.random() * 0.01, 1 - sender, packet)

    def _push(self, arrival: float, receiver: int, packet: bytes) -> None:
        self._count += 1
        heapq.heappush(self._queue, (arrival, self._count, receiver, packet))

    def step(self, until: float) -> bool:
        """Go to the next arrival or timer not after ``until``; False when there is none."""
        self.flush()
        moments = [side.next_deadline() for side in self._sides]
        times = [moment for moment in moments if moment is not None]
        if self._queue:
            times.append(self._queue[0][0])
        if not times or min(times) > until:
            return False
        self.now = max(self.now, min(times))
        batches: tuple[list[bytes], list[bytes]] = ([], [])
        while self._queue and self._queue[0][0] <= self.now:
            _, _, receiver, packet = heapq.heappop(self._queue)
            batches[receiver].append(packet)
        for index, side in enumerate(self._sides):
            if batches[index]:
                side.receive(batches[index], self.now)
            deadline = side.next_deadline()
            timed = deadline is not None and deadline <= self.now
            if timed:
                side.handle_timeout(self.now)
            if (batches[index] or timed) and self._after is not None:
                self._after(index)
        return True

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Let time pass until the condition holds; return whether it does (or was not given).

        Raises AssertionError when a machine asks for the same moment again and again.
        """
        end = self.now + seconds
        stalled, before = 0, self.now
        while until is None or not until():
            if not self.step(end):
                self.now = max(self.now, end)
                return until is None or until()
            stalled = stalled + 1 if self.now == before else 0
            before = self.now
            if stalled > 10_000:
                raise AssertionError(f"time stands still at {self.now}")
        self.flush()
        return True
