"""The ICE agent (RFC 8445): one component, full implementation, regular nomination."""

from collections import deque
from typing import Final

from purertc.errors import BadPacket, InvalidStateError
from purertc.sansio.entropy import Entropy, ice_string
from purertc.sansio.ice.checklist import CandidatePair, PairState
from purertc.sansio.ice.checks import ConnectivityChecks, Outcome
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.ice.consent import Consent
from purertc.sansio.ice.directory import CandidateDirectory
from purertc.sansio.ice.events import IceEvent, IceStateChanged, SelectedPairChanged
from purertc.sansio.ice.report import Counters, describe, explain_failure
from purertc.sansio.ice.requests import (
    ROLE_CONFLICT,
    BindingRequest,
    EarlyRequests,
    RequestDesk,
)
from purertc.sansio.ice.transactions import Check, Purpose
from purertc.sansio.timers import TimerTable
from purertc.sansio.types import Address, IceConnectionState, IceParameters, Transmit
from purertc.wire.candidate import Candidate
from purertc.wire.stun import BINDING, MessageClass, StunMessage

__all__ = ["IceAgent"]

# RFC 8839 section 5.4 asks for 24 bits of name and 128 bits of password at least.
_UFRAG_LENGTH: Final = 8
_PASSWORD_LENGTH: Final = 24
_STALL: Final = 1.0
_CONNECTED: Final = (IceConnectionState.CONNECTED, IceConnectionState.COMPLETED)
_OVER: Final = (IceConnectionState.FAILED, IceConnectionState.CLOSED)


class IceAgent:
    """Finds a pair of addresses over which both sides reach each other, and watches over it.

    After every call that takes ``now`` the owner drains :meth:`transmits`, :meth:`next_event`
    and :meth:`next_deadline`. ``state`` is RFC 8445's and W3C's; ``selected`` the pair to send
    on, or None. Checks start once the other side's parameters are known and a pair exists.
    Nothing that comes from the network raises.
    """

    def __init__(self, config: IceConfig, entropy: Entropy) -> None:
        self.state = IceConnectionState.NEW
        self.selected: CandidatePair | None = None
        self.counters = Counters()
        self.local_parameters = IceParameters(
            username_fragment=ice_string(entropy, _UFRAG_LENGTH),
            password=ice_string(entropy, _PASSWORD_LENGTH),
        )
        self._config = config
        self._out: list[Transmit] = []
        self._events: deque[IceEvent] = deque()
        self._checks = ConnectivityChecks(
            config, entropy, self.local_parameters, self._out, self.counters
        )
        self._desk = RequestDesk(self.local_parameters, self._checks.role, self._out, self.counters)
        self._checklist = self._checks.checklist
        self._validated = self._checklist.validated
        self._consent = Consent(config, entropy)
        self._directory = CandidateDirectory(config, self.local_parameters, entropy)
        self._early = EarlyRequests(config.max_early_requests)
        self._nominating: CandidatePair | None = None
        self._timers = TimerTable()

    # What the agent is and was told

    @property
    def controlling(self) -> bool:
        """Whether this side nominates (RFC 8445 section 6.1.1)."""
        return self._checks.role.controlling

    @property
    def remote_parameters(self) -> IceParameters | None:
        """The other side's credentials, or None while they are not known."""
        return self._checks.remote

    @property
    def local_candidates(self) -> tuple[Candidate, ...]:
        """Host candidates, and peer-reflexive ones that checks brought to light."""
        return self._directory.local_candidates()

    @property
    def pairs(self) -> tuple[CandidatePair, ...]:
        """All candidate pairs, the best first."""
        return tuple(self._checklist.pairs)

    @property
    def bad_packets(self) -> int:
        """How many datagrams were no STUN messages."""
        return self.counters.bad_packets

    @property
    def dropped(self) -> int:
        """How many STUN messages were dropped: not authentic, or of no use."""
        counters = self.counters
        return counters.unauthentic + counters.unexpected + counters.stray

    def set_role(self, controlling: bool) -> None:
        """Say which side nominates; a later conflict may still change it."""
        if controlling != self.controlling:
            self._switch_role()

    def add_local_address(self, address: Address, now: float) -> Candidate:
        """Use a bound UDP socket; return the host candidate to signal.

        Raises ArgumentError when the address is not numeric, has no port, or is link-local
        without a scope; InvalidStateError when the agent is closed.
        """
        self._require_open()
        local = self._directory.add_local(address)
        for remote in self._directory.remotes():
            self._checklist.add(local, remote)
        self._pump(now)
        return local.candidate

    def remove_local_address(self, address: Address, now: float) -> None:
        """Forget a socket that died; unknown addresses are ignored."""
        if not self._directory.remove_local(address) or self.state in _OVER:
            return
        self._checks.remove_socket(address)
        if self._nominating is not None and self._nominating.local_address == address:
            self._nominating = None
        if self._consent.pair is not None and self._consent.pair.local_address == address:
            self._consent.stop()
        if self.selected is not None and self.selected.local_address == address:
            self.selected = None
            self._timers.set("checking", now + self._config.failed_timeout)
            self._lose_connection(f"the socket {address[0]} port {address[1]} is gone")
        self._pump(now)

    def set_remote_parameters(self, parameters: IceParameters, now: float) -> None:
        """Take the other side's credentials; checks may start.

        The same ones again change nothing. Raises InvalidStateError when the agent is closed or
        the parameters differ, which would be an ICE restart.
        """
        self._require_open()
        if self._checks.remote is not None:
            if parameters != self._checks.remote:
                raise InvalidStateError("the remote ICE parameters are set; they cannot change")
            return
        self._checks.remote = parameters
        if parameters.lite and not self.controlling:
            # RFC 8445 section 6.1.1: of a full and a lite agent the full one controls.
            self._switch_role()
        if self.state is IceConnectionState.NEW:
            self._timers.set("checking", now + self._config.checking_timeout)
        for candidate in self._directory.take_pending():
            self._pair_remote(candidate, now)
        for request in self._early.take(parameters):
            self._learn_from(request, now)
        self._pump(now)

    def add_remote_candidate(self, candidate: Candidate, now: float) -> None:
        """Pair a candidate with all sockets.

        One that is known already changes nothing. What cannot be used (another transport or
        component, a name, another ICE generation, one too many) is ignored and counted. Raises
        InvalidStateError when the agent is closed.
        """
        self._require_open()
        if self._checks.remote is not None:
            self._pair_remote(candidate, now)
            self._pump(now)
        elif not self._directory.keep_pending(candidate):
            self.counters.ignored_candidates += 1

    def end_of_remote_candidates(self, now: float) -> None:
        """Note that the other side has no more candidates (RFC 8838 section 14)."""
        self._require_open()
        self._directory.remote_ended = True
        self._pump(now)

    def end_of_local_candidates(self, now: float) -> None:
        """Note that no more sockets will come."""
        self._require_open()
        self._directory.local_ended = True
        self._pump(now)

    def close(self) -> None:
        """Stop everything at once; what waits to be sent is discarded."""
        if self.state is not IceConnectionState.CLOSED:
            self._stop()
            self._set_state(IceConnectionState.CLOSED)

    # The five verbs

    def receive(self, data: bytes, source: Address, local: Address, now: float) -> None:
        """Take in one datagram whose first byte says STUN."""
        if self.state in _OVER or not self._directory.has_local(local):
            self.counters.unexpected += 1
            return
        try:
            message = StunMessage.parse(data)
            if message.method != BINDING or message.message_class is MessageClass.INDICATION:
                # Indications only keep NAT bindings alive (RFC 8445 section 11).
                self.counters.unexpected += 1
            elif message.message_class is MessageClass.REQUEST:
                request = self._desk.answer(message, source, local, self._checks.remote)
                if request is not None:
                    self._handle_request(request, now)
            else:
                outcome = self._checks.answered(message, source, local, now)
                if outcome is not None:
                    self._handle_outcome(outcome, now)
        except BadPacket:
            self.counters.bad_packets += 1
        self._pump(now)

    def is_validated(self, source: Address, local: Address) -> bool:
        """Whether packets other than STUN from ``source`` to the socket may be accepted.

        That is so once a check on the pair was answered, or an authentic one came from there.
        """
        return (source, local) in self._validated

    def handle_timeout(self, now: float) -> None:
        """Run what is due at ``now``."""
        if self.state in _OVER:
            return
        for outcome in self._checks.repeat(now):
            self._handle_outcome(outcome, now)
        self._check_consent(now)
        due = self._timers.get("checking")
        for name in self._timers.expire(now):
            if name == "checking" and due is not None:
                self._checking_expired(due, now)
            elif name == "nominate" and self.controlling:
                self._nominate(now, wait=False)
            elif name == "retry":
                self._checklist.revive(PairState.FAILED)
        self._pump(now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        pending = (
            self._checks.next_deadline(),
            self._timers.next_deadline(),
            self._consent.next_check,
        )
        return min((at for at in pending if at is not None), default=None)

    def transmits(self) -> list[Transmit]:
        """Return what is to be sent, and forget it."""
        if not self._out:
            return []
        out = self._out.copy()
        self._out.clear()
        return out

    def next_event(self) -> IceEvent | None:
        """Return the next event in order, or None."""
        return self._events.popleft() if self._events else None

    def describe(self) -> str:
        """Return the state, each pair with what was sent and received, and what was dropped."""
        return describe(
            self._checklist.pairs,
            selected=self.selected,
            headline=(
                f"ICE {self.state}, {'controlling' if self.controlling else 'controlled'}, "
                f"{len(self._directory.locals())} local and "
                f"{len(self._directory.remotes())} remote candidates"
            ),
            counters=self.counters,
        )

    # Requests of the other side (RFC 8445 section 7.3)

    def _handle_request(self, request: BindingRequest, now: float) -> None:
        if request.wants_our_role:
            self._switch_role()
        if self._checks.remote is None:
            self._early.keep(request)
        else:
            self._learn_from(request, now)

    def _learn_from(self, request: BindingRequest, now: float) -> None:
        """Do what a request triggers (RFC 8445 sections 7.3.1.3 to 7.3.1.5)."""
        pair = self._checklist.find(request.source, request.local)
        if pair is None:
            pair = self._pair_with_source(request)
        if pair is None:
            self.counters.unexpected += 1
            return
        pair.requests_received += 1
        pair.responses_sent += 1
        self._validated.add(pair.key)
        nominated = request.use_candidate and not self.controlling
        if pair.state is PairState.SUCCEEDED:
            if nominated:
                self._select(pair, now)
            return
        pair.nominate_on_success |= nominated
        self._checklist.trigger(pair)

    def _pair_remote(self, candidate: Candidate, now: float) -> None:
        remote, news = self._directory.add_remote(candidate, self._checks.remote)
        if remote is None:
            self.counters.ignored_candidates += 1
        elif news:
            for local in self._directory.locals():
                self._checklist.add(local, remote)
            self._checklist.reprioritise(controlling=self.controlling)
            self._postpone_failure(now)

    def _pair_with_source(self, request: BindingRequest) -> CandidatePair | None:
        local = self._directory.local(request.local)
        remote = self._directory.learn_remote(request.source, request.priority)
        if local is None or remote is None:
            return None
        return self._checklist.add(local, remote)

    # Outcomes of our own checks (RFC 8445 section 7.2.5)

    def _handle_outcome(self, outcome: Outcome, now: float) -> None:
        check = outcome.check
        pair = check.pair
        pair.last_error = outcome.error
        if outcome.error is None:
            self._check_succeeded(outcome, now)
        elif outcome.code == ROLE_CONFLICT:
            self._resolve_conflict(check)
        elif check.purpose is Purpose.NOMINATION:
            if pair is self._nominating:
                self._nominating = None
                self._checklist.failed(pair)
        elif pair.state is PairState.IN_PROGRESS and pair.check == check.transaction_id:
            self._checklist.failed(pair)

    def _check_succeeded(self, outcome: Outcome, now: float) -> None:
        pair = outcome.check.pair
        self._checklist.succeeded(pair)
        if outcome.mapped is not None:
            pair.local_candidate = self._directory.local_seen_as(pair.local, outcome.mapped)
        if pair is self._consent.pair:
            self._consent.answered(now)
            self._postpone_failure(now)
        nominated = outcome.check.purpose is Purpose.NOMINATION
        if nominated if self.controlling else pair.nominate_on_success:
            self._select(pair, now)
        elif pair is self.selected:
            self._recover()

    def _resolve_conflict(self, check: Check) -> None:
        """The other side keeps its role, so ours changes (RFC 8445 section 7.2.5.1)."""
        if check.controlling == self.controlling:
            self._switch_role()
            self._checks.role.renew_tie_breaker()
        if check.purpose is not Purpose.CONSENT:
            self._checklist.trigger(check.pair)

    def _switch_role(self) -> None:
        self._checks.switch_role(controlling=not self.controlling)
        self._nominating = None
        self._timers.stop("nominate")
        for pair in self._checklist.pairs:
            pair.nominate_on_success = False

    # Nomination (RFC 8445 section 8.1)

    def _nominate(self, now: float, *, wait: bool) -> None:
        """Nominate the best valid pair, if there is none under way.

        A direct path is good enough at once. A relayed one waits a moment for something better.
        """
        pair = self._checklist.best_valid()
        if pair is None or self._nominating is not None:
            return
        if wait and pair.relayed and self._checklist.may_improve_on(pair):
            if self._timers.get("nominate") is None:
                self._timers.set("nominate", now + self._config.nomination_delay)
            return
        self._nominating = pair
        self._checks.start(pair, Purpose.NOMINATION, now)

    def _await_nomination(self, now: float) -> None:
        """Keep the best valid pair alive until the controlling side decides."""
        best = self._checklist.best_valid()
        if self.selected is None and best is not None and self._consent.pair is not best:
            self._consent.watch(best, now)
            self._postpone_failure(now)

    def _select(self, pair: CandidatePair, now: float) -> None:
        pair.nominated = True
        pair.nominate_on_success = False
        current = self.selected
        if pair is current:
            self._recover()
            return
        if self.state in _CONNECTED and current is not None and current.priority > pair.priority:
            # RFC 5245 section 8.1.1.2: a side that nominates every pair means the best one.
            return
        self.selected = pair
        self._events.append(SelectedPairChanged(pair))
        self._consent.watch(pair, now)
        self._recover()

    def _recover(self) -> None:
        """Be connected, after checking or after a disconnection."""
        for name in ("checking", "nominate", "retry", "pace"):
            self._timers.stop(name)
        self._nominating = None
        self._checks.stop_repeating()
        if self.state not in _CONNECTED:
            self._set_state(IceConnectionState.CONNECTED)

    # Loss (RFC 7675)

    def _check_consent(self, now: float) -> None:
        consent = self._consent
        pair = consent.pair
        if pair is None or consent.next_check is None or consent.next_check > now:
            return
        if consent.expired(now):
            if pair is self.selected:
                self._fail(f"no answer to consent checks for {self._config.failed_timeout:g} s")
            else:
                consent.stop()
                self._checklist.failed(pair)
            return
        if consent.silent(now) and self.state in _CONNECTED:
            self._lose_connection(
                f"no answer to consent checks for {self._config.disconnected_timeout:g} s"
            )
        self._checks.start(pair, Purpose.CONSENT, now)
        consent.sent(now)

    def _lose_connection(self, reason: str) -> None:
        """Look for a pair again, the selected one included."""
        for pair in self._checklist.pairs:
            pair.nominate_on_success = False
        self._checklist.revive(*PairState)
        if self.selected is not None:
            # Consent checks go on there; a check of the other side triggers one at once.
            self.selected.state = PairState.FAILED
        if self.state in _CONNECTED:
            self._set_state(IceConnectionState.DISCONNECTED, reason)

    def _postpone_failure(self, now: float) -> None:
        if self.state in (IceConnectionState.NEW, IceConnectionState.CHECKING) and (
            self._checks.remote is not None
        ):
            self._timers.set("checking", now + self._config.checking_timeout)

    def _checking_expired(self, due: float, now: float) -> None:
        late = now - due
        if late > _STALL:
            # Nobody ran the agent meanwhile, so the other side had no chance either.
            self._timers.set("checking", now + min(late, self._config.checking_timeout))
            return
        self._fail(
            explain_failure(
                self._checklist.pairs,
                local_count=len(self._directory.locals()),
                remote_count=len(self._directory.remotes()),
                counters=self.counters,
            )
        )

    def _fail(self, reason: str) -> None:
        self._stop()
        self._set_state(IceConnectionState.FAILED, reason)

    def _stop(self) -> None:
        self.selected = None
        self._nominating = None
        self._consent.stop()
        self._timers.clear()
        self._checks.clear()
        self._out.clear()

    # Moving on

    def _pump(self, now: float) -> None:
        """Start checks that may go, and draw the consequences of what has changed."""
        if self.state in _OVER or self._checks.remote is None:
            return
        if self.state is IceConnectionState.NEW and self._directory.remote_known():
            self._set_state(IceConnectionState.CHECKING)
        searching = self.state not in _CONNECTED
        if searching and self.controlling:
            self._nominate(now, wait=True)
        elif searching:
            self._await_nomination(now)
        next_check = self._checks.pump(now, ordinary=searching)
        if next_check is not None:
            self._timers.set("pace", next_check)
        elif searching and self._checklist.exhausted() and self._timers.get("retry") is None:
            self._timers.set("retry", now + self._config.retry_interval)
        if self.state is IceConnectionState.CONNECTED and self._directory.complete:
            self._set_state(IceConnectionState.COMPLETED)

    def _set_state(self, state: IceConnectionState, reason: str | None = None) -> None:
        self.state = state
        self._events.append(IceStateChanged(state, reason))

    def _require_open(self) -> None:
        if self.state is IceConnectionState.CLOSED:
            raise InvalidStateError("the ICE agent is closed")
