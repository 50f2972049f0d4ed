"""Sending connectivity checks and judging their answers (RFC 8445 sections 6.1.4 and 7.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from purertc.errors import BadPacket
from purertc.sansio.entropy import Entropy
from purertc.sansio.ice.checklist import CandidatePair, Checklist, PairKey, PairState
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.ice.messages import binding_request
from purertc.sansio.ice.report import Counters
from purertc.sansio.ice.role import Role
from purertc.sansio.ice.transactions import Check, Purpose, Transactions
from purertc.sansio.types import Address, IceParameters, Transmit, Transport
from purertc.wire.stun import MessageClass, StunMessage

__all__ = ["ConnectivityChecks", "Outcome"]


_QUICK_CHECKS: Final = 4
"""So many new checks may follow each other at once before a pair has to succeed."""


@dataclass(slots=True)
class Outcome:
    """How a check ended: ``error`` is None when it succeeded, else says why not.

    ``mapped`` is our address as the other side sees it.
    """

    check: Check
    error: str | None = None
    code: int | None = None
    mapped: Address | None = None


class ConnectivityChecks:
    """Starts checks at the allowed pace, repeats them, and matches answers to them.

    ``remote`` is None until the other side's parameters are known; no check starts before.
    """

    __slots__ = (
        "_config",
        "_counters",
        "_entropy",
        "_local",
        "_next_at",
        "_out",
        "_transactions",
        "checklist",
        "remote",
        "role",
    )

    def __init__(
        self,
        config: IceConfig,
        entropy: Entropy,
        local: IceParameters,
        role: Role,
        *,
        out: list[Transmit],
        counters: Counters,
    ) -> None:
        self._config = config
        self._counters = counters
        self._entropy = entropy
        self._local = local
        self._next_at = 0.0
        self._out = out
        self._transactions = Transactions(config.max_rto)
        self.role = role
        self.checklist = Checklist(controlling=role.controlling, limit=config.max_pairs)
        self.remote: IceParameters | None = None

    def switch_role(self, *, controlling: bool) -> None:
        """Take a role; all pair priorities follow (RFC 8445 section 7.3.1.1)."""
        self.role.controlling = controlling
        self.checklist.reprioritise(controlling=controlling)

    def pump(self, now: float, *, ordinary: bool) -> float | None:
        """Start the checks that may go now.

        Triggered checks go at once: they decide how fast a NAT is passed. ``quiet_until`` keeps
        two sides from triggering each other without end. ``ordinary`` ones keep Ta between them.
        Returns when the next may start, or None when there is no more to start.
        """
        for pair in self.checklist.take_triggered():
            self.start(pair, Purpose.CONNECTIVITY, now)
        if not ordinary:
            return None
        following = self.checklist.next_ordinary()
        if following is not None and now >= self._next_at:
            self.start(following, Purpose.CONNECTIVITY, now)
            self._next_at = now + self._config.pacing
            following = self.checklist.next_ordinary()
        return None if following is None else self._next_at

    def awaits_answer(self, pair: CandidatePair, now: float) -> bool:
        """Whether the check of a pair left less than Ta ago, so that its answer may be on its way.

        A triggered check would have to keep Ta from it (RFC 8445 section 6.1.4.2). When no answer
        comes until then, the same request goes once more instead.
        """
        check = None if pair.check is None else self._transactions.get(pair.check)
        if check is None or not check.remaining or check.repeated:
            return False
        next_at = check.sent_at + self._config.pacing
        if now >= next_at:
            return False
        check.deadline = min(check.deadline, next_at)
        check.wanted_again = True
        return True

    def start(self, pair: CandidatePair, purpose: Purpose, now: float) -> None:
        """Send a new request on ``pair``; does nothing while ``remote`` is None."""
        if self.remote is None:
            return
        transaction_id = self._entropy(12)
        datagram = binding_request(
            transaction_id,
            local=self._local,
            remote=self.remote,
            role=self.role,
            priority=pair.local.reflexive_priority,
            nominate=self._nominates(pair, purpose),
        )
        if purpose is Purpose.CONSENT:
            # RFC 7675 section 5.1: a consent check is not repeated, the next one is a new one.
            rto, remaining, wait = 0.0, 0, self._config.failed_timeout
            pair.consent_requests_sent += 1
        else:
            if pair.transport is Transport.TCP:
                # RFC 8489 section 6.2.2: what goes over TCP is not lost.
                rto, remaining, wait = 0.0, 0, self._config.tcp_timeout
            else:
                rto, remaining = self._retransmission_timeout(), self._config.max_checks - 1
                wait = rto
            self._transactions.supersede(pair)
            pair.check = transaction_id
            pair.requests_sent += 1
        if purpose is Purpose.CONNECTIVITY:
            pair.state = PairState.IN_PROGRESS
            pair.new_checks += 1
            if pair.new_checks >= _QUICK_CHECKS:
                pair.quiet_until = now + self._config.rto
        check = Check(
            transaction_id=transaction_id,
            pair=pair,
            purpose=purpose,
            controlling=self.role.controlling,
            datagram=datagram,
            sent_at=now,
            remaining=remaining,
            rto=rto,
            deadline=now + wait,
        )
        self._transactions.add(check)
        self._send(check)

    def _nominates(self, pair: CandidatePair, purpose: Purpose) -> bool:
        """Whether a check says that this pair is to be used.

        The consent checks of the controlling side say it again: when a translator has given us
        another address, the other side sees a pair that nobody has nominated yet.
        """
        if purpose is Purpose.CONSENT:
            return pair.nominated and self.role.controlling
        return purpose is Purpose.NOMINATION

    def repeat(self, now: float) -> list[Outcome]:
        """Send again what is due, and return the checks that were given up."""
        due, given_up = self._transactions.take_due(now)
        for check in due:
            check.pair.retransmissions += 1
            self._send(check)
        return [Outcome(check, "no answer") for check in given_up]

    def asked(self, transaction_id: bytes) -> bool:
        """Whether a request with this id waits for its answer."""
        return self._transactions.get(transaction_id) is not None

    def answered(self, message: StunMessage, key: PairKey, now: float) -> Outcome | None:
        """Judge a response; None when it is not authentic or nobody waits for it."""
        check = self._transactions.get(message.transaction_id)
        if (
            check is None
            or self.remote is None
            or not message.has_integrity(self.remote.password.encode())
        ):
            self._counters.stray += 1
            return None
        self._transactions.finish(check)
        pair = check.pair
        pair.responses_received += 1
        if not check.repeated:
            pair.current_round_trip_time = now - check.sent_at
        # Of a repeated request nobody knows which one was answered; the first is sure.
        pair.total_round_trip_time += now - check.sent_at
        if key != pair.key:
            # RFC 8445 section 7.2.5.2.1: addresses must be symmetric.
            return Outcome(check, f"answered from {key[0][0]} port {key[0][1]}")
        try:
            return _judge(check, message)
        except BadPacket as error:
            return Outcome(check, f"malformed answer: {error}")

    def stop_repeating(self) -> None:
        """Let the open checks run out: a pair is selected (RFC 8445 section 8.1.2)."""
        self._transactions.silence_all()

    def remove(self, pairs: Sequence[CandidatePair]) -> None:
        """Forget pairs."""
        for pair in pairs:
            self._transactions.forget(pair)
        self.checklist.remove(pairs)

    def interrupt(self, pair: CandidatePair, error: str) -> None:
        """Give up what is under way on a pair; it has failed."""
        self._transactions.forget(pair)
        pair.last_error = error
        self.checklist.failed(pair)

    def stop(self) -> None:
        """Forget what was asked; pairs and their validity stay."""
        self._transactions.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._transactions.clear()
        self.checklist.validated.clear()

    def next_deadline(self) -> float | None:
        """Return when :meth:`repeat` is due."""
        return self._transactions.next_deadline()

    def _send(self, check: Check) -> None:
        pair = check.pair
        self._out.append(
            Transmit(
                check.datagram,
                pair.remote_address,
                pair.local_address,
                transport=pair.transport,
            )
        )

    def _retransmission_timeout(self) -> float:
        """RFC 8445 section 14.3: many checks at once wait longer for their answers."""
        waiting = self.checklist.count_under_way()
        return max(self._config.rto, self._config.pacing * waiting)


def _judge(check: Check, message: StunMessage) -> Outcome:
    if message.message_class is MessageClass.ERROR:
        code, reason = message.error_code() or (500, "no ERROR-CODE")
        return Outcome(check, f"error {code} {reason}".rstrip(), code)
    if message.not_understood():
        return Outcome(check, "the answer has attributes that are not understood")
    mapped = message.mapped_address()
    if mapped is None:
        return Outcome(check, "the answer lacks XOR-MAPPED-ADDRESS")
    return Outcome(check, mapped=mapped)
