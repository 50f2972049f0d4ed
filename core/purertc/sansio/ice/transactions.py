"""Binding requests that wait for their answer (RFC 8489 section 6.2.1)."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from purertc.sansio.ice.checklist import CandidatePair

__all__ = ["Check", "Purpose", "Transactions"]


_KEPT: Final = 3


class Purpose(Enum):
    """Why a request was sent."""

    CONNECTIVITY = auto()
    NOMINATION = auto()
    CONSENT = auto()


@dataclass(slots=True, eq=False)
class Check:
    """One Binding request.

    ``remaining`` is how often it may still be sent, ``rto`` the wait before that, ``deadline``
    the time of the next repetition or, with none remaining, of giving up. ``wanted_again``: a
    check of the other side came meanwhile, so another one follows if this one fails.
    """

    transaction_id: bytes
    pair: CandidatePair
    purpose: Purpose
    controlling: bool
    datagram: bytes
    sent_at: float
    remaining: int
    rto: float
    deadline: float
    repeated: bool = False
    wanted_again: bool = False


class Transactions:
    """The open requests by transaction id."""

    __slots__ = ("_max_rto", "_open")

    def __init__(self, max_rto: float) -> None:
        self._max_rto = max_rto
        self._open: dict[bytes, Check] = {}

    def add(self, check: Check) -> None:
        """Wait for the answer to ``check``."""
        self._open[check.transaction_id] = check

    def get(self, transaction_id: bytes) -> Check | None:
        """Return the request an answer claims to belong to."""
        return self._open.get(transaction_id)

    def finish(self, check: Check) -> None:
        """Forget a request."""
        self._open.pop(check.transaction_id, None)

    def supersede(self, pair: CandidatePair) -> None:
        """Send the pair's checks no more, but still accept the answers to the latest ones.

        That is what cancelling means in RFC 8445 section 7.3.1.4. The other side can trigger a
        check as often as it likes, so no more than a few are kept.
        """
        checks = [
            check
            for check in self._open.values()
            if check.pair is pair and check.purpose is not Purpose.CONSENT
        ]
        for check in checks:
            check.remaining = 0
        for check in checks[:-_KEPT]:
            self.finish(check)

    def silence_all(self) -> None:
        """Send no check again (RFC 8445 section 8.1.2)."""
        for check in self._open.values():
            check.remaining = 0

    def forget(self, pair: CandidatePair) -> None:
        """Drop the requests of a pair that is gone."""
        for check in [check for check in self._open.values() if check.pair is pair]:
            self.finish(check)

    def clear(self) -> None:
        """Forget all requests."""
        self._open.clear()

    def take_due(self, now: float) -> tuple[list[Check], list[Check]]:
        """Return the requests to send again and those to give up; the latter are forgotten."""
        repeat: list[Check] = []
        given_up: list[Check] = []
        if not self._open:
            return repeat, given_up
        for check in [check for check in self._open.values() if check.deadline <= now]:
            if check.remaining:
                check.remaining -= 1
                check.repeated = True
                check.rto = min(2 * check.rto, self._max_rto)
                check.deadline = now + check.rto
                repeat.append(check)
            else:
                self.finish(check)
                given_up.append(check)
        return repeat, given_up

    def next_deadline(self) -> float | None:
        """Return the earliest deadline."""
        if not self._open:
            return None
        return min(check.deadline for check in self._open.values())
