"""From valid pairs to the selected one, and what happens when it falls silent.

Regular nomination (RFC 8445 section 8.1), consent freshness (RFC 7675), and the states that
follow from them.
"""

from typing import Final

from purertc.sansio.entropy import Entropy
from purertc.sansio.ice.checklist import CandidatePair, PairState
from purertc.sansio.ice.checks import ConnectivityChecks, Outcome
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.ice.consent import Consent
from purertc.sansio.ice.events import IceEvent, IceStateChanged, SelectedPairChanged
from purertc.sansio.ice.requests import ROLE_CONFLICT
from purertc.sansio.ice.transactions import Check, Purpose
from purertc.sansio.timers import TimerTable
from purertc.sansio.types import Address, IceConnectionState, Transport

__all__ = ["Selection"]

_STALL: Final = 1.0
_CONNECTED: Final = (IceConnectionState.CONNECTED, IceConnectionState.COMPLETED)
_LOOKING: Final = (IceConnectionState.NEW, IceConnectionState.CHECKING)


class Selection:
    """Nominates, selects, watches over the selected pair, and keeps the agent's state.

    Timers: ``checking`` and ``limit`` give up, ``nominate`` ends the wait for a better pair than
    a makeshift one, ``improve`` the search for it after one was selected, ``pace`` lets the next
    check start, ``retry`` tries failed pairs again.
    """

    __slots__ = (
        "_checklist",
        "_checks",
        "_config",
        "_consent",
        "_nominating",
        "_timers",
        "events",
        "selected",
        "state",
    )

    def __init__(self, config: IceConfig, entropy: Entropy, checks: ConnectivityChecks) -> None:
        self.state = IceConnectionState.NEW
        self.selected: CandidatePair | None = None
        self.events: list[IceEvent] = []
        self._config = config
        self._checks = checks
        self._checklist = checks.checklist
        self._consent = Consent(config, entropy)
        self._nominating: CandidatePair | None = None
        self._timers = TimerTable()

    @property
    def connected(self) -> bool:
        """Whether there is a selected pair that answers."""
        return self.state in _CONNECTED

    @property
    def at_rest(self) -> bool:
        """Whether there is nothing to look for and no check to start: consent is all there is."""
        return (
            self.state is IceConnectionState.COMPLETED
            and not self._checklist.has_triggered
            and self._timers.next_deadline() is None
        )

    @property
    def over(self) -> bool:
        """Whether the agent has failed or is closed."""
        return self.state in (IceConnectionState.FAILED, IceConnectionState.CLOSED)

    @property
    def _controlling(self) -> bool:
        return self._checks.role.controlling

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due."""
        timer, consent = self._timers.next_deadline(), self._consent.next_check
        if timer is None or consent is None:
            return consent if timer is None else timer
        return min(timer, consent)

    def handle_timeout(self, now: float) -> bool:
        """Run what is due; return True when it is time to give up, for the owner to say why."""
        self._check_consent(now)
        due = self._timers.next_deadline()
        if due is None or due > now:
            return False
        ends = {name: self._timers.get(name) for name in ("checking", "limit")}
        for name in self._timers.expire(now):
            due = ends.get(name)
            if due is not None:
                late = now - due
                if late <= _STALL:
                    return True
                # Nobody ran the agent meanwhile, so the other side had no chance either.
                self._timers.set(name, now + min(late, self._config.checking_timeout))
            elif name == "nominate" and self._controlling:
                self._nominate(now, wait=False)
            elif name == "improve":
                self._checks.stop_repeating()
            elif name == "retry":
                self._checklist.revive(PairState.FAILED)
        return False

    def news(self, now: float) -> None:
        """Give the search its full time (again): something new was shown."""
        if self.state in _LOOKING:
            self._timers.set("checking", now + self._config.checking_timeout)
            if self._timers.get("limit") is None:
                self._timers.set("limit", now + self._config.checking_limit)
        elif self.connected:
            self._look_for_better(now)

    def advance(self, now: float, *, remote_known: bool, complete: bool) -> None:
        """Start checks that may go, and draw the consequences of what has changed.

        ``remote_known``: the other side has candidates, or has none to come. ``complete``:
        neither side has more to come.
        """
        if self.state is IceConnectionState.NEW and remote_known:
            self._set_state(IceConnectionState.CHECKING)
        searching = not self.connected
        improving = self._is_improving()
        if searching and self._controlling:
            self._nominate(now, wait=True)
        elif searching:
            self._await_nomination(now)
        elif improving and self._controlling:
            self._nominate_better(now)
        next_check = self._checks.pump(now, ordinary=searching or improving)
        if next_check is not None:
            self._timers.set("pace", next_check)
        elif searching and self._checklist.exhausted() and self._timers.get("retry") is None:
            self._timers.set("retry", now + self._config.retry_interval)
        if self.state is IceConnectionState.CONNECTED and complete and not improving:
            self._set_state(IceConnectionState.COMPLETED)

    def switch_role(self) -> None:
        """Take the other role (RFC 8445 section 7.3.1.1)."""
        self._checks.switch_role(controlling=not self._controlling)
        self._nominating = None
        self._timers.stop("nominate")

    def checked(self, pair: CandidatePair, *, use_candidate: bool, now: float) -> None:
        """Note an authentic check of the other side (RFC 8445 sections 7.3.1.4 and 7.3.1.5)."""
        self._consent.heard(pair, now)
        # Noted in either role: a conflict of roles may still be under way.
        pair.nominated_by_peer |= use_candidate
        if pair.transport is Transport.TCP and pair.state is PairState.IN_PROGRESS:
            # The check under way will be answered unless the connection ends.
            return
        if pair.state is PairState.IN_PROGRESS and self._checks.awaits_answer(pair, now):
            return
        if pair.state is not PairState.SUCCEEDED:
            self._trigger(pair, now)
        elif use_candidate and not self._controlling:
            self._select(pair, now)

    def handle_outcome(self, outcome: Outcome, now: float) -> None:
        """Note how a check of ours ended (RFC 8445 section 7.2.5)."""
        check = outcome.check
        pair = check.pair
        pair.last_error = outcome.error
        if outcome.error is None:
            self._check_succeeded(check, now)
        elif outcome.code == ROLE_CONFLICT:
            self._resolve_conflict(check, now)
        elif check.purpose is Purpose.NOMINATION:
            if pair is self._nominating:
                self._nominating = None
                self._checklist.failed(pair)
        elif (
            pair.state is PairState.IN_PROGRESS
            and pair.check == check.transaction_id
            and not (check.wanted_again and self._trigger(pair, now))
        ):
            self._checklist.failed(pair)

    def remove_base(self, address: Address, transport: Transport, now: float) -> None:
        """Go on without a base that is gone."""
        pairs = [
            pair
            for pair in self._checklist.pairs
            if pair.local_address == address and pair.transport is transport
        ]
        self._checks.remove(pairs)
        for pair in pairs:
            what = "relay" if pair.local.candidate.type == "relay" else "socket"
            self._leave(pair, f"the {what} of the selected pair is gone", now)

    def lose_stream(self, pair: CandidatePair, reason: str, now: float) -> None:
        """Note that the TCP connection of a pair ended.

        A pair of a listener goes with it; others may be tried again.
        """
        self._checks.interrupt(pair, reason)
        if pair.local.passive:
            self._checks.remove((pair,))
        self._leave(pair, f"the TCP connection of the selected pair ended: {reason}", now)

    def retire(self) -> None:
        """Do nothing any more, but keep what is validated: another generation took over."""
        self._nominating = None
        self._consent.stop()
        self._timers.clear()
        self._checks.stop()

    def stop(self, state: IceConnectionState, reason: str | None = None) -> None:
        """End for good in ``state``."""
        self.selected = None
        self._nominating = None
        self._consent.stop()
        self._timers.clear()
        self._checks.clear()
        self._set_state(state, reason)

    def _check_succeeded(self, check: Check, now: float) -> None:
        pair = check.pair
        self._checklist.succeeded(pair)
        if pair is self._consent.pair:
            self._consent.answered(now)
            if self.state in _LOOKING:
                self.news(now)
        if self._controlling:
            nominated = check.purpose is Purpose.NOMINATION
        else:
            nominated = pair.nominated_by_peer or (pair.nominated and not self.connected)
        if nominated:
            self._select(pair, now)
        elif pair is self.selected and not self.connected:
            self._settle(now)

    def _trigger(self, pair: CandidatePair, now: float) -> bool:
        """Check a pair before all others, unless that was done too often just now."""
        if now < pair.quiet_until:
            return False
        self._checklist.trigger(pair)
        return True

    def _resolve_conflict(self, check: Check, now: float) -> None:
        """The other side keeps its role, so ours changes (RFC 8445 section 7.2.5.1)."""
        if check.controlling == self._controlling:
            self.switch_role()
            self._checks.role.renew_tie_breaker()
        pair = check.pair
        if check.purpose is Purpose.CONSENT or self._trigger(pair, now):
            return
        if pair.state is PairState.IN_PROGRESS:
            self._checklist.failed(pair)

    def _nominate(self, now: float, *, wait: bool) -> None:
        """Nominate the best valid pair, if there is none under way.

        A direct path is good enough at once. A makeshift one waits a moment for something better.
        """
        pair = self._checklist.best_valid()
        if pair is None or self._nominating is not None:
            return
        if wait and pair.makeshift and self._checklist.may_improve_on(pair):
            if self._timers.get("nominate") is None:
                self._timers.set("nominate", now + self._config.nomination_delay)
            return
        self._nominating = pair
        self._checks.start(pair, Purpose.NOMINATION, now)

    def _await_nomination(self, now: float) -> None:
        """Keep the best valid pair alive until the controlling side decides."""
        for pair in self._checklist.pairs:
            if pair.nominated_by_peer and pair.state is PairState.SUCCEEDED:
                self._select(pair, now)
                return
        best = self._checklist.best_valid()
        if self.selected is None and best is not None and self._consent.pair is not best:
            self._consent.watch(best, now)
            self.news(now)

    def _select(self, pair: CandidatePair, now: float) -> None:
        pair.nominated = True
        pair.nominated_by_peer = False
        current = self.selected
        if self.connected and current is not None and current.priority > pair.priority:
            # RFC 5245 section 8.1.1.2: a side that nominates every pair means the best one.
            return
        if pair is not current:
            self.selected = pair
            self.events.append(SelectedPairChanged(pair))
            self._consent.watch(pair, now)
        if pair is not current or not self.connected:
            self._settle(now)

    def _settle(self, now: float) -> None:
        """Be connected, after checking or after a disconnection."""
        self._timers.clear()
        self._nominating = None
        if not self.connected:
            self._set_state(IceConnectionState.CONNECTED)
        self._look_for_better(now)
        if not self._is_improving():
            self._checks.stop_repeating()

    def _look_for_better(self, now: float) -> None:
        """Go on checking for a while when the selected pair is makeshift (RFC 8445 s. 8.1.1)."""
        selected = self.selected
        if selected is not None and selected.makeshift and self._config.improvement_time:
            self._timers.set("improve", now + self._config.improvement_time)

    def _is_improving(self) -> bool:
        """Whether a better pair than the selected one is still looked for."""
        if not self.connected or self.selected is None or self._timers.get("improve") is None:
            return False
        return (
            self._nominating is not None
            or self._better_than(self.selected) is not None
            or self._checklist.may_improve_on(self.selected)
        )

    def _better_than(self, pair: CandidatePair) -> CandidatePair | None:
        """Return a direct pair that works and has a higher priority than a makeshift one."""
        best = self._checklist.best_valid()
        if best is None or best.makeshift or best.priority <= pair.priority:
            return None
        return best

    def _nominate_better(self, now: float) -> None:
        """Change from a makeshift pair to a direct one."""
        better = None if self.selected is None else self._better_than(self.selected)
        if better is not None and self._nominating is None:
            self._nominating = better
            self._checks.start(better, Purpose.NOMINATION, now)

    def _leave(self, pair: CandidatePair, reason: str, now: float) -> None:
        """Draw the consequences of a pair that cannot be used any more."""
        if pair is self._nominating:
            self._nominating = None
        if pair is self._consent.pair:
            self._consent.stop()
        if pair is self.selected:
            self.selected = None
            self._timers.set("checking", now + self._config.failed_timeout)
            self._lose_connection(reason)

    def _check_consent(self, now: float) -> None:
        consent = self._consent
        pair = consent.pair
        if pair is None or consent.next_check is None or consent.next_check > now:
            return
        if consent.expired(now):
            if pair is self.selected:
                reason = f"no answer to consent checks for {self._config.failed_timeout:g} s"
                self.stop(IceConnectionState.FAILED, reason)
            else:
                consent.stop()
                self._checklist.failed(pair)
            return
        if consent.silent(now) and self.connected:
            self._lose_connection(
                f"no answer to consent checks for {self._config.disconnected_timeout:g} s"
            )
        self._checks.start(pair, Purpose.CONSENT, now)
        consent.sent(now)

    def _lose_connection(self, reason: str) -> None:
        """Look for a pair again."""
        self._checklist.revive(*PairState)
        if self.selected is not None:
            # Consent checks go on there, and a check of the other side triggers one at once.
            self.selected.state = PairState.FAILED
        if self.connected:
            self._set_state(IceConnectionState.DISCONNECTED, reason)

    def _set_state(self, state: IceConnectionState, reason: str | None = None) -> None:
        self.state = state
        self.events.append(IceStateChanged(state, reason))
