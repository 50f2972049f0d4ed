"""Probing a peer whose receive window is shut (RFC 9260 section 6.1 rule A)."""

from typing import Final

from purertc.sansio.sctp.rto import RetransmissionTimeout

__all__ = ["WindowProbe"]

_MOST_DOUBLINGS: Final = 6


class WindowProbe:
    """Lets one packet go now and then although the peer has no room for it.

    The SACK that opened the window may be lost, and nothing else would tell us of it. The pause
    doubles with every probe in vain. ``deadline`` is when :meth:`handle_timeout` is due.
    """

    __slots__ = ("_doublings", "_due", "_longest_pause", "_rto", "deadline")

    def __init__(self, rto: RetransmissionTimeout, longest_pause: float) -> None:
        self._rto = rto
        self._longest_pause = longest_pause
        self._doublings = 0
        self._due = False
        self.deadline: float | None = None

    def may_send(self, now: float) -> bool:
        """Whether a probe is due; if none is, one is planned."""
        if self._due:
            self._due = False
            return True
        if self.deadline is None:
            pause = self._rto.value * (1 << self._doublings)
            self.deadline = now + min(pause, self._longest_pause)
            self._doublings = min(self._doublings + 1, _MOST_DOUBLINGS)
        return False

    def stop(self) -> None:
        """The window is open."""
        self.deadline = None
        self._doublings = 0

    def handle_timeout(self, now: float) -> None:
        """Let the probe go if it is time."""
        if self.deadline is not None and self.deadline <= now:
            self.deadline = None
            self._due = True
