"""Congestion control: CUBIC (RFC 9438) in the place of RFC 9260 section 7.2."""

from math import inf

from purertc.sansio.sctp.cubic import BETA, CubicGrowth
from purertc.sansio.sctp.delivery import Delivery
from purertc.sansio.sctp.slow_start import SlowStart

__all__ = ["CongestionControl"]

_INITIAL_PACKETS = 10
_SLOW_START_PACKETS = 32
_IDLE_BURST_PACKETS = 32
_SPARE_BURST_PACKETS = 4
_LEAST_PACKETS = 4
_MAX_WINDOW = 8 * 1024 * 1024
_SHORT_ROUND_TRIP = 0.002
_TOLERATED_LOSS = 0.02
_TOLERATED_LOSS_NEARBY = 0.1
_LOSS_MEMORY = 1024
_QUEUE_SECONDS = 0.1
_DRAINING = 0.75


class CongestionControl:
    """The congestion window, and how much of it may go out in one burst.

    Acknowledgements are counted in bytes: a peer that acknowledges a whole batch at once must
    open the window as far as one that acknowledges every second packet. For the same reason
    the burst limit (RFC 9260 section 6.1 rule D) is a credit in bytes, earned by
    acknowledgements, instead of four packets for each of them.

    Not every loss is a queue that ran over. While few packets are lost, a loss does not take the
    window below what the path has delivered in its shortest round trip: so much is in flight
    without any queue. Round trips of less than two milliseconds count as two.

    A queue that stands for longer than a tenth of a second and than the path's own round trip is
    not made longer. That the round trip is the path's own is found out every half minute, with a
    window that lets a queue drain.
    """

    __slots__ = (
        "_acknowledged",
        "_growth",
        "_lost",
        "_mtu",
        "_recovery_end",
        "_round",
        "_slow_start",
        "_threshold",
        "_tolerated",
        "_undo",
        "burst_credit",
        "delivery",
        "limited",
        "window",
    )

    def __init__(self, mtu: int) -> None:
        self._mtu = mtu
        # Ten packets as in RFC 6928; RFC 9260 section 7.2.1 was written before it.
        self.window = _INITIAL_PACKETS * mtu
        self._threshold = _MAX_WINDOW
        self._growth = CubicGrowth(mtu)
        self._slow_start = SlowStart()
        self.delivery = Delivery()
        self._round = 0
        self._recovery_end: int | None = None
        # Whether the window grows on although losses are being repaired.
        self._tolerated = False
        # Window and threshold before the last reduction.
        self._undo = (0, 0)
        self._acknowledged = 0
        self._lost = 0
        self.burst_credit = _IDLE_BURST_PACKETS * mtu
        self.limited = False

    def set_mtu(self, mtu: int) -> None:
        """Count in packets of another size; the window stays as it is."""
        self._mtu = mtu
        self._growth.set_segment(mtu)

    @property
    def in_slow_start(self) -> bool:
        """Whether the window grows by as much as is acknowledged."""
        return self.window <= self._threshold

    def acknowledged(self, size: int, cumulative: int, now: float) -> None:
        """Count ``size`` newly acknowledged bytes; ``cumulative`` is the last TSN without gap.

        ``delivery`` has been told before.
        """
        credit = min(self.burst_credit, _IDLE_BURST_PACKETS * self._mtu) + 2 * size
        self.burst_credit = max(credit, _SPARE_BURST_PACKETS * self._mtu)
        self._acknowledged += size
        new_round = self.delivery.rounds > self._round
        self._round = self.delivery.rounds
        if self._recovery_end is not None:
            if cumulative < self._recovery_end:
                if not self._tolerated:
                    return
            else:
                self._recovery_end = None
        if new_round and self.delivery.is_stale(now):
            self._let_queue_drain(now)
        if not self.limited or self._queue_stands():
            self._growth.interrupted()
            return
        if self.in_slow_start:
            self._grow_fast(size, new_round)
        else:
            round_trip = min(self.delivery.latest, 1.0)
            grown = self._growth.grow(self.window, size, round_trip, now)
            self.window = min(int(grown), _MAX_WINDOW)

    def _queue_stands(self) -> bool:
        delivery = self.delivery
        own = min(delivery.shortest, 60.0)
        return own + max(_QUEUE_SECONDS, own) < delivery.round_shortest < inf

    def _let_queue_drain(self, now: float) -> None:
        delivery = self.delivery
        window = int(_DRAINING * delivery.rate * delivery.shortest)
        window = max(window, _INITIAL_PACKETS * self._mtu)
        if window < self.window:
            self._growth.reduced(self.window, window)
            self.window = window
            self._threshold = window - 1
        delivery.measure_again(now)

    def _grow_fast(self, size: int, new_round: bool) -> None:
        slow_start = self._slow_start
        if new_round and slow_start.new_round():
            self._threshold = self.window - 1
            self._growth.reduced(self.window, self.window)
            return
        slow_start.sample(self.delivery.latest)
        grown = min(size, _SLOW_START_PACKETS * self._mtu) // slow_start.divisor
        self.window = min(self.window + grown, _MAX_WINDOW)

    def idle(self) -> None:
        """Nothing is in flight: a new burst may begin."""
        self.burst_credit = max(self.burst_credit, _IDLE_BURST_PACKETS * self._mtu)

    def lost(self, size: int, highest_sent: int) -> None:
        """React to a loss of ``size`` bytes seen in a SACK, once for each flight."""
        self._count_lost(size)
        if self._recovery_end is not None:
            return
        self._undo = (self.window, self._threshold)
        before = self.window
        reduced = max(int(BETA * before), _LEAST_PACKETS * self._mtu)
        kept = min(before, self._window_without_queue())
        self._tolerated = kept > reduced and self._few_are_lost()
        if self._tolerated:
            reduced = kept
        self.window = reduced
        self._threshold = reduced - 1
        self._growth.reduced(before, reduced)
        self._recovery_end = highest_sent

    def _count_lost(self, size: int) -> None:
        self._lost += size
        if self._acknowledged + self._lost > _LOSS_MEMORY * self._mtu:
            self._acknowledged //= 2
            self._lost //= 2

    def _window_without_queue(self) -> int:
        delivery = self.delivery
        return int(delivery.rate * max(min(delivery.shortest, 1.0), _SHORT_ROUND_TRIP))

    def _few_are_lost(self) -> bool:
        nearby = self.delivery.latest < _SHORT_ROUND_TRIP
        tolerated = _TOLERATED_LOSS_NEARBY if nearby else _TOLERATED_LOSS
        return self._lost <= tolerated * (self._acknowledged + self._lost)

    def undo_loss(self) -> bool:
        """Take the last reduction back, as nothing was lost; whether there was one (RFC 3708)."""
        window, threshold = self._undo
        if not window:
            return False
        self._undo = (0, 0)
        self.window = max(self.window, window)
        self._threshold = max(self._threshold, threshold)
        self._recovery_end = None
        return True

    def timed_out(self) -> None:
        """React to an expiry of T3-rtx (RFC 9260 section 7.2.3)."""
        self._threshold = max(int(BETA * self.window), _LEAST_PACKETS * self._mtu)
        self._growth.reduced(self.window, self._mtu)
        self._undo = (0, 0)
        self.window = self._mtu
        self._recovery_end = None
        self.delivery.forget()
        self.burst_credit = _SPARE_BURST_PACKETS * self._mtu

    @property
    def recovering(self) -> bool:
        """Whether fast recovery goes on."""
        return self._recovery_end is not None
