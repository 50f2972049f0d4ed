"""What acknowledgements say of the path: its shortest round trip and its delivery rate."""

from math import inf

__all__ = ["Delivery"]

_RATE_ROUNDS = 10
_ROUND_TRIP_MEMORY = 30.0
"""Seconds after which a round trip that was never as short again may not be possible any more."""


class Delivery:
    """Samples of round trip and rate, one for each burst that was acknowledged.

    ``shortest`` is the shortest round trip in seconds since it was last forgotten, ``latest`` the
    last one, ``round_shortest`` the shortest one since the present round trip began; ``rounds``
    counts those. ``rate`` is the highest delivery rate of the last ten of them in bytes a second,
    0 before the first. Samples count even where chunks were sent twice: they can then only be too
    long, and their rates too low.
    """

    __slots__ = (
        "_best",
        "_delivered",
        "_round_end",
        "_sent",
        "_shortest_at",
        "latest",
        "rate",
        "round_shortest",
        "rounds",
        "shortest",
    )

    def __init__(self) -> None:
        self._sent: list[tuple[int, float, int]] = []
        self._delivered = 0
        self._round_end = -1
        self._shortest_at = 0.0
        # Round → rate, falling: the best rate is the first one, the others are its successors.
        self._best: list[tuple[int, float]] = []
        self.shortest = inf
        self.latest = inf
        self.round_shortest = inf
        self.rate = 0.0
        self.rounds = 0

    def sent(self, last_tsn: int, now: float) -> None:
        """New chunks up to this TSN go out."""
        self._sent.append((last_tsn, now, self._delivered))

    def acknowledged(self, highest: int, size: int, next_tsn: int, now: float) -> None:
        """Take in an acknowledgement of ``size`` new bytes; ``highest`` is its highest TSN."""
        self._delivered += size
        sent, count = self._sent, 0
        for last_tsn, _, _ in sent:
            if last_tsn > highest:
                break
            count += 1
        if not count:
            return
        _, at, delivered = sent[count - 1]
        del sent[:count]
        if highest >= self._round_end:
            self._round_end = next_tsn
            self.rounds += 1
            self.round_shortest = inf
        self._sample(now - at, self._delivered - delivered, now)

    def _sample(self, took: float, delivered: int, now: float) -> None:
        self.latest = took
        self.round_shortest = min(self.round_shortest, took)
        if took <= self.shortest:
            self.shortest = took
            self._shortest_at = now
        if took <= 0.0:
            return
        rate = delivered / took
        best = self._best
        while best and best[-1][1] <= rate:
            best.pop()
        best.append((self.rounds, rate))
        while best[0][0] <= self.rounds - _RATE_ROUNDS:
            best.pop(0)
        self.rate = best[0][1]

    def is_stale(self, now: float) -> bool:
        """Whether the shortest round trip has to be measured again."""
        return now - self._shortest_at > _ROUND_TRIP_MEMORY and self.shortest < inf

    def measure_again(self, now: float) -> None:
        """Forget the shortest round trip."""
        self.shortest = inf
        self._shortest_at = now

    def forget(self) -> None:
        """Nothing that is outstanding can be measured any more (T3-rtx expired)."""
        self._sent.clear()
