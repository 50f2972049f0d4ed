"""Whether the other side still wants what we send (RFC 7675)."""

from purertc.sansio.entropy import Entropy, random_u32
from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.ice.config import IceConfig

__all__ = ["Consent"]

_FEWEST_MISSED = 3
_LONGEST_WITHOUT_ANSWER = 5.0
"""Or a third of the time after which the pair fails, when that is shorter; in seconds."""


class Consent:
    """The schedule of consent checks on one pair, and the age of the last answer.

    Time alone never counts as silence: a few checks must have gone unanswered, so that a process
    that was stopped for a minute does not take its own absence for the other side's.

    An authentic check of the other side is a sign of life as well: it puts ours off for a while,
    so that two idle sides do not both ask all the time. An answer is due every 5 seconds all the
    same, since consent is what answers give (RFC 7675 section 5.1).
    """

    __slots__ = (
        "_config",
        "_entropy",
        "_interval",
        "_last_answer",
        "_last_sign",
        "_longest",
        "_retry",
        "_unanswered",
        "next_check",
        "pair",
    )

    def __init__(self, config: IceConfig, entropy: Entropy) -> None:
        self._config = config
        self._entropy = entropy
        self._interval = min(config.consent_interval, config.disconnected_timeout * 2 / 3)
        # Three checks have to fit between the longest pause and the timeout.
        self._retry = min(config.consent_retry, config.disconnected_timeout / 15)
        self._longest = min(_LONGEST_WITHOUT_ANSWER, config.failed_timeout / 3)
        self._last_answer = self._last_sign = 0.0
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
        self.next_check = now + self._pause()

    def heard(self, pair: CandidatePair, now: float) -> None:
        """Note an authentic check of the other side."""
        if pair is self.pair and not self._unanswered:
            self._last_sign = now
            next_check = now + self._pause()
            if next_check <= self._last_answer + self._longest:
                self.next_check = next_check

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

    def _pause(self) -> float:
        """RFC 7675 section 5.1: between 0.8 and 1.2 times the interval."""
        return self._interval * (0.8 + 0.4 * random_u32(self._entropy) / 0xFFFFFFFF)

    def _is_overdue(self, deadline: float, now: float) -> bool:
        return self._unanswered >= _FEWEST_MISSED and now >= deadline
