"""Requests that wait for their answer, and when they are sent again (RFC 8489 section 6.2)."""

from dataclasses import dataclass
from enum import Enum, auto
from math import inf

from purertc.sansio.turn.channels import Channel
from purertc.sansio.turn.config import RetransmissionConfig
from purertc.sansio.turn.permissions import Permission

__all__ = ["Purpose", "Request", "Requests", "Subject"]

Subject = Permission | Channel | None
"""What a request is about; None for the allocation itself."""


class Purpose(Enum):
    """Why a request was sent."""

    ALLOCATE = auto()
    REFRESH = auto()
    RELEASE = auto()
    PERMISSION = auto()
    CHANNEL = auto()


@dataclass(slots=True, eq=False)
class Request:
    """One request.

    ``attempt`` counts how often the server had it signed anew. ``deadline`` is the time of the
    next repetition or, with none remaining, of giving up. ``discarded`` is what the last answer
    said that failed the integrity check.
    """

    transaction_id: bytes
    purpose: Purpose
    subject: Subject
    datagram: bytes
    signed: bool
    attempt: int
    sent_at: float
    remaining: int = 0
    rto: float = 0.0
    deadline: float = 0.0
    discarded: str = ""


class Requests:
    """The open requests by transaction id. Over a ``reliable`` transport none is repeated."""

    __slots__ = ("_config", "_open", "_reliable")

    def __init__(self, config: RetransmissionConfig, *, reliable: bool) -> None:
        self._config = config
        self._reliable = reliable
        self._open: dict[bytes, Request] = {}

    def add(self, request: Request) -> None:
        """Wait for the answer to a request that is sent now, at its ``sent_at``."""
        if self._reliable:
            request.deadline = request.sent_at + self._config.reliable_timeout
        else:
            request.rto = self._config.rto
            request.remaining = self._config.max_sends - 1
            request.deadline = request.sent_at + request.rto
        self._open[request.transaction_id] = request

    def get(self, transaction_id: bytes) -> Request | None:
        """Return the request that an answer claims to belong to."""
        return self._open.get(transaction_id)

    def has(self, purpose: Purpose) -> bool:
        """Whether a request of this kind is open."""
        return any(request.purpose is purpose for request in self._open.values())

    def finish(self, request: Request) -> None:
        """Forget a request."""
        self._open.pop(request.transaction_id, None)

    def clear(self) -> None:
        """Forget all requests."""
        self._open.clear()

    def take_due(self, now: float) -> tuple[list[Request], list[Request]]:
        """Return the requests to send again and those to give up; the latter are forgotten."""
        repeat: list[Request] = []
        given_up: list[Request] = []
        for request in [each for each in self._open.values() if each.deadline <= now]:
            if request.remaining:
                request.remaining -= 1
                request.rto *= 2
                wait = request.rto if request.remaining else self._last_wait()
                request.deadline = now + wait
                repeat.append(request)
            else:
                self.finish(request)
                given_up.append(request)
        return repeat, given_up

    def next_deadline(self) -> float:
        """Return the earliest deadline; infinite when nothing is open."""
        return min((request.deadline for request in self._open.values()), default=inf)

    def _last_wait(self) -> float:
        return self._config.rto * self._config.last_wait
