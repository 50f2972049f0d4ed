"""Whether the other side still wants what we send (RFC 7675)."""

from purertc.sansio.entropy import Entropy, random_u32
from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.timers import next_tick

__all__ = ["Consent"]

_FEWEST_MISSED = 3
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.8, 0.84
"""In intervals; RFC 7675 section 5.1 allows 0.8 to 1.2. Three checks have to fit between the pause
and the time at which silence counts."""
_LONGEST_WITHOUT_ANSWER = 4.9
"""Or a third of the time after which the pair fails, when that is shorter; in seconds."""
_SPREAD = 0.04
"""By how much at most it is shorter, so that connections do not ask in step."""


class Consent:
    """The schedule of consent checks on one pair, and the age of the last answer.

    Time alone never counts as silence: a few checks must have gone unanswered, so that a process
    that was stopped for a minute does not take its own absence for the other side's.

    An authentic check of the other side is a sign of life as well: it puts ours off for a while,
    so that two idle sides do not both ask all the time. An answer is due every 5 seconds all the
    same, since consent is what answers give (RFC 7675 section 5.1).
    """

    __slots__ = (
        "_answer_due",
        "_config",
        "_entropy",
        "_interval",
        "_last_answer",
        "_last_sign",
        "_longest",
        "_pause",
        "_retry",
        "_unanswered",
        "next_check",
        "pair",
    )

    def __init__(self, config: IceConfig, entropy: Entropy) -> None:
        self._config = config
        self._entropy = entropy
        self._interval = min(config.consent_interval, config.disconnected_timeout)
        self._retry = min(config.consent_retry, config.disconnected_timeout / 15)
        self._longest = min(_LONGEST_WITHOUT_ANSWER, config.failed_timeout / 3)
        self._last_answer = self._last_sign = 0.0
        self._pause = self._answer_due = 0.0
        self._unanswered = 0
        self.pair: CandidatePair | None = None
        self.next_check: float | None = None

    def watch(self, pair: CandidatePair, now: float) -> None:
        """Begin with a pair that has just been heard."""
        self.pair = pair
        self.answered(now)

    def stop(self) -> None:
        """Send no more consent checks."""
        self.pair = None
        self.next_check = None

    def answered(self, now: float) -> None:
        """Note an authentic answer."""
        self._last_answer = self._last_sign = now
        self._unanswered = 0
        chance = random_u32(self._entropy) / 0xFFFFFFFF
        between = _SHORTEST_PAUSE + (_LONGEST_PAUSE - _SHORTEST_PAUSE) * chance
        self._pause = self._interval * between
        self._answer_due = now + self._longest * (1 - _SPREAD * chance)
        self.next_check = self._after_pause(now)

    def heard(self, pair: CandidatePair, now: float) -> None:
        """Note an authentic check of the other side."""
        if pair is self.pair and not self._unanswered:
            self._last_sign = now
            self.next_check = self._after_pause(now)

    def sent(self, now: float) -> None:
        """Note that a consent check goes out."""
        self._unanswered += 1
        self.next_check = now + self._retry
        timeout = self._last_sign + self._config.disconnected_timeout
        if now < timeout < self.next_check:
            self.next_check = timeout

    def silent(self, now: float) -> bool:
        """Whether the pair is to be taken as disconnected."""
        return self._is_overdue(self._last_sign + self._config.disconnected_timeout, now)

    def expired(self, now: float) -> bool:
        """Whether we may send no longer (RFC 7675 section 5.1)."""
        return self._is_overdue(self._last_answer + self._config.failed_timeout, now)

    def _after_pause(self, now: float) -> float:
        return next_tick(min(now + self._pause, self._answer_due))

    def _is_overdue(self, deadline: float, now: float) -> bool:
        return self._unanswered >= _FEWEST_MISSED and now >= deadline
