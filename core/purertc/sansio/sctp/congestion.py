"""Congestion control (RFC 9260 section 7.2)."""

from typing import Final

__all__ = ["CongestionControl"]

_INITIAL_PACKETS: Final = 10
_SLOW_START_PACKETS: Final = 32
_IDLE_BURST_PACKETS: Final = 32
_SPARE_BURST_PACKETS: Final = 4
_MAX_WINDOW: Final = 8 * 1024 * 1024


class CongestionControl:
    """The congestion window, and how much of it may go out in one burst.

    Acknowledgements are counted in bytes: a peer that acknowledges a whole batch at once must
    open the window as far as one that acknowledges every second packet. For the same reason
    the burst limit (RFC 9260 section 6.1 rule D) is a credit in bytes, earned by
    acknowledgements, instead of four packets for each of them.
    """

    __slots__ = (
        "_mtu",
        "_partial",
        "_recovery_end",
        "_threshold",
        "_undo",
        "burst_credit",
        "limited",
        "window",
    )

    def __init__(self, mtu: int) -> None:
        self._mtu = mtu
        # Ten packets as in RFC 6928; RFC 9260 section 7.2.1 was written before it.
        self.window = _INITIAL_PACKETS * mtu
        self._threshold = _MAX_WINDOW
        self._partial = 0
        self._recovery_end: int | None = None
        # Window and threshold before the last reduction.
        self._undo = (0, 0)
        self.burst_credit = _IDLE_BURST_PACKETS * mtu
        self.limited = False

    def acknowledged(self, size: int, cumulative: int) -> None:
        """Count ``size`` newly acknowledged bytes; ``cumulative`` is the last TSN without gap."""
        credit = min(self.burst_credit, _IDLE_BURST_PACKETS * self._mtu) + 2 * size
        self.burst_credit = max(credit, _SPARE_BURST_PACKETS * self._mtu)
        if self._recovery_end is not None:
            if cumulative < self._recovery_end:
                return
            self._recovery_end = None
        if not self.limited:
            return
        if self.window <= self._threshold:
            self.window += min(size, _SLOW_START_PACKETS * self._mtu)
        else:
            self._partial += size
            if self._partial >= self.window:
                self._partial -= self.window
                self.window += self._mtu
        self.window = min(self.window, _MAX_WINDOW)

    def idle(self) -> None:
        """Nothing is in flight: a new burst may begin."""
        self.burst_credit = max(self.burst_credit, _IDLE_BURST_PACKETS * self._mtu)

    def lost(self, highest_sent: int) -> None:
        """React to a loss seen in a SACK, once for each flight (RFC 9260 section 7.2.4)."""
        if self._recovery_end is None:
            self._undo = (self.window, self._threshold)
            self._reduce()
            self.window = self._threshold
            self._recovery_end = highest_sent

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
        self._reduce()
        self._undo = (0, 0)
        self.window = self._mtu
        self._recovery_end = None
        self.burst_credit = _SPARE_BURST_PACKETS * self._mtu

    @property
    def recovering(self) -> bool:
        """Whether fast recovery goes on."""
        return self._recovery_end is not None

    def _reduce(self) -> None:
        self._threshold = max(self.window // 2, 4 * self._mtu)
        self._partial = 0
