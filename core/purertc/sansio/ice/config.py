"""The settings of an ICE agent, checked when they are made."""

from dataclasses import dataclass

from purertc.errors import ArgumentError

__all__ = ["IceConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IceConfig:
    """Times are in seconds. Raises ArgumentError for values that cannot work.

    ``pacing``
        Ta, the pause between two new checks (RFC 8445 section 14.2; 5 ms at least).
    ``rto``
        The shortest wait before a check is sent again (RFC 8445 section 14.3, which says 500 ms
        for unknown networks; set-up over a lossy link is faster with less). It doubles with
        every repetition, up to ``max_rto``.
    ``max_checks``
        How often one check is sent before its pair fails (Rc, RFC 8489 section 6.2.1).
    ``retry_interval``
        While nothing works, pairs that failed are tried again this often: the other side may
        have been given our candidates late.
    ``tcp_timeout``
        How long a check over TCP waits for its answer; it is not sent again.
    ``nomination_delay``
        How long the controlling agent waits for something better than a pair over a relay or
        TCP, while a direct one is still being checked.
    ``improvement_time``
        How long checks for a direct pair go on after one over a relay or TCP was selected, and
        after each new candidate then.
    ``consent_interval``
        Time between two consent checks, at random down to four fifths of it (RFC 7675 section
        5.1); never more than ``disconnected_timeout``, so that silence is noticed in time.
    ``consent_retry``
        Time between consent checks once one is not answered.
    ``disconnected_timeout``, ``failed_timeout``
        Age of the last answer at which the state becomes disconnected, and failed.
    ``checking_timeout``
        How long to look for a pair after the last news from the other side: its parameters, a
        candidate, or an answer while it has yet to nominate. The agent does not give up earlier,
        even when all checks failed (RFC 8863 section 4).
    ``checking_limit``
        The longest that looking for the first pair takes, whatever news there are.
    ``restart_linger``
        How long, after a restart has led to a new pair, packets over the old ones are accepted:
        the other side may change over a little later.
    ``max_remote_candidates``, ``max_peer_reflexive``, ``max_pairs``, ``max_early_requests``
        Bounds on what the other side can make the agent keep.
    ``max_answers``
        How often one and the same request is answered.
    """

    pacing: float = 0.01
    rto: float = 0.2
    max_rto: float = 1.6
    max_checks: int = 7
    retry_interval: float = 5.0
    tcp_timeout: float = 10.0
    nomination_delay: float = 0.3
    improvement_time: float = 10.0
    consent_interval: float = 5.0
    consent_retry: float = 0.5
    disconnected_timeout: float = 5.0
    failed_timeout: float = 30.0
    checking_timeout: float = 30.0
    checking_limit: float = 600.0
    restart_linger: float = 5.0
    max_remote_candidates: int = 100
    max_peer_reflexive: int = 32
    max_pairs: int = 200
    max_early_requests: int = 16
    max_answers: int = 16

    def __post_init__(self) -> None:
        if self.pacing < 0.005:
            raise ArgumentError("pacing must be at least 0.005 s (RFC 8445 section 14.2)")
        if not 0 < self.rto <= self.max_rto:
            raise ArgumentError("rto must be positive and no longer than max_rto")
        if not 0 < self.disconnected_timeout < self.failed_timeout:
            raise ArgumentError("disconnected_timeout must be positive and below failed_timeout")
        for name in (
            "max_checks",
            "retry_interval",
            "consent_interval",
            "consent_retry",
            "checking_timeout",
            "checking_limit",
            "tcp_timeout",
            "max_answers",
            "max_remote_candidates",
            "max_peer_reflexive",
            "max_pairs",
            "max_early_requests",
        ):
            if getattr(self, name) <= 0:
                raise ArgumentError(f"{name} must be positive")
        for name in ("nomination_delay", "improvement_time", "restart_linger"):
            if getattr(self, name) < 0:
                raise ArgumentError(f"{name} must not be negative")
