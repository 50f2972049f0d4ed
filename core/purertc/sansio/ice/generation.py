"""One ICE generation: the candidates, checks and selected pair that share credentials.

An ICE restart begins another one (RFC 8445 section 9).
"""

from purertc.errors import InvalidStateError
from purertc.sansio.entropy import Entropy
from purertc.sansio.ice.candidates import LocalBase
from purertc.sansio.ice.checklist import CandidatePair, PairKey
from purertc.sansio.ice.checks import ConnectivityChecks, Outcome
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.ice.directory import CandidateDirectory
from purertc.sansio.ice.events import IceEvent
from purertc.sansio.ice.report import Counters, describe, explain_failure
from purertc.sansio.ice.requests import BindingRequest, EarlyRequests, RequestDesk
from purertc.sansio.ice.role import Role
from purertc.sansio.ice.selection import Selection
from purertc.sansio.types import (
    Address,
    IceConnectionState,
    IceParameters,
    Transmit,
    Transport,
)
from purertc.wire.candidate import Candidate
from purertc.wire.stun import StunMessage

__all__ = ["Generation"]


class Generation:
    """Finds a pair with one set of credentials, and watches over it.

    What is to be sent goes to ``out``, what happened to ``events``. ``retired_until`` is set once
    a later generation has taken over: this one sends nothing of its own any more.
    """

    __slots__ = (
        "_checklist",
        "_desk",
        "_early",
        "checks",
        "counters",
        "directory",
        "name",
        "parameters",
        "retired_until",
        "selection",
    )

    def __init__(
        self,
        config: IceConfig,
        entropy: Entropy,
        parameters: IceParameters,
        role: Role,
        *,
        out: list[Transmit],
        counters: Counters,
    ) -> None:
        self.parameters = parameters
        self.name = parameters.username_fragment.encode()
        """Our username fragment, as it stands in the other side's requests."""
        self.counters = counters
        self.retired_until: float | None = None
        self.checks = ConnectivityChecks(
            config, entropy, parameters, role, out=out, counters=counters
        )
        self.directory = CandidateDirectory(config, parameters.username_fragment, entropy)
        self._checklist = self.checks.checklist
        self._desk = RequestDesk(parameters, role, out, counters, config.max_answers)
        self._early = EarlyRequests(config.max_early_requests)
        self.selection = Selection(config, entropy, self.checks)

    @property
    def state(self) -> IceConnectionState:
        """How far the search has come."""
        return self.selection.state

    @property
    def connected(self) -> bool:
        """Whether there is a selected pair that answers."""
        return self.selection.connected

    @property
    def over(self) -> bool:
        """Whether the search has failed or was stopped."""
        return self.selection.over

    @property
    def selected(self) -> CandidatePair | None:
        """The pair to send on; None before one is found and after it failed."""
        return self.selection.selected

    @property
    def events(self) -> list[IceEvent]:
        """What happened, in order."""
        return self.selection.events

    @property
    def pairs(self) -> tuple[CandidatePair, ...]:
        """All candidate pairs, the best first."""
        return tuple(self._checklist.pairs)

    @property
    def validated(self) -> dict[PairKey, CandidatePair]:
        """The pairs over which packets other than STUN may come."""
        return self._checklist.validated

    @property
    def role(self) -> Role:
        """Whether this side nominates."""
        return self.checks.role

    @property
    def remote(self) -> IceParameters | None:
        """The other side's credentials, or None while they are not known."""
        return self.checks.remote

    def set_role(self, *, controlling: bool) -> None:
        """Say which side nominates."""
        if controlling != self.role.controlling:
            self.selection.switch_role()

    def base_added(self, base: LocalBase, now: float) -> None:
        """Pair a base of the directory with all remote candidates."""
        known = len(self._checklist.pairs)
        for remote in self.directory.remotes():
            self._checklist.add(base, remote)
        if len(self._checklist.pairs) != known and self.connected:
            self.selection.news(now)
        self._advance(now)

    def use_active_tcp(self, host: str, now: float) -> None:
        """Start TCP connections from a host; without a listener there is nothing to pair yet."""
        if self.directory.knows_listener:
            self.base_added(self.directory.add_tcp_active(host, signalled=False), now)
        else:
            self.directory.keep_tcp_source(host)

    def add_reflexive(self, mapped: Address, base: Address, server: Address) -> Candidate | None:
        """Note how a STUN server sees a socket; None when that says nothing new."""
        candidate = self.directory.add_reflexive(mapped, base, server)
        if candidate is not None:
            for pair in self._checklist.pairs:
                if pair.local_candidate is not None and pair.local_address == base:
                    pair.local_candidate = self.directory.local_seen_as(
                        pair.local, (pair.local_candidate.host, pair.local_candidate.port)
                    )
        return candidate

    def remove_base(self, address: Address, transport: Transport, now: float) -> None:
        """Forget a base that is gone; unknown ones are ignored."""
        if self.directory.remove_local(address, transport) and not self.over:
            self.selection.remove_base(address, transport, now)
            self._advance(now)

    def lose_stream(self, key: PairKey, reason: str, now: float) -> None:
        """Note that the TCP connection of a pair ended."""
        pair = self._checklist.find(*key)
        if pair is None or self.over:
            return
        self.selection.lose_stream(pair, reason, now)
        if pair.local.passive:
            self.directory.unlearn_remote(pair.remote)
        self._advance(now)

    def set_remote(self, parameters: IceParameters, now: float) -> None:
        """Take the other side's credentials; checks may start.

        Raises InvalidStateError when they differ from those that are set.
        """
        if self.remote is not None:
            if parameters != self.remote:
                raise InvalidStateError(
                    "the remote ICE parameters are set; only an ICE restart can change them"
                )
            return
        self.checks.remote = parameters
        if parameters.lite:
            # RFC 8445 section 6.1.1: of a full and a lite agent the full one controls.
            self.set_role(controlling=True)
        self.selection.news(now)
        for candidate in self.directory.take_pending():
            self._pair_remote(candidate, now)
        for request in self._early.take(parameters):
            self._learn_from(request, now)
        self._advance(now)

    def add_remote(self, candidate: Candidate, now: float) -> None:
        """Pair a candidate with all bases, or keep it until the parameters come."""
        if self.remote is not None:
            self._pair_remote(candidate, now)
            self._advance(now)
        elif not self.directory.keep_pending(candidate):
            self.counters.ignored_candidates += 1

    def end_of_remote(self, now: float) -> None:
        """Note that the other side has no more candidates."""
        self.directory.remote_ended = True
        self._advance(now)

    def end_of_local(self, now: float) -> None:
        """Note that no more bases will come."""
        self.directory.local_ended = True
        self._advance(now)

    def handle_request(self, message: StunMessage, key: PairKey, now: float) -> None:
        """Answer a check, and do what it triggers (RFC 8445 section 7.3).

        Raises BadPacket when an authentic one is malformed.
        """
        if not self._desk.admit(message, key, self.remote):
            return
        if not self._may_answer(key):
            self.counters.unexpected += 1
            return
        request = self._desk.answer(message, key)
        if request is None or self.retired_until is not None:
            return
        if request.wants_our_role:
            self.selection.switch_role()
        if self.remote is None:
            self._early.keep(request)
        else:
            self._learn_from(request, now)
            self._advance(now)

    def handle_response(self, message: StunMessage, key: PairKey, now: float) -> None:
        """Take the answer to a check of ours (RFC 8445 section 7.2.5)."""
        outcome = self.checks.answered(message, key, now)
        if outcome is not None:
            self._handle_outcome(outcome, now)

    def handle_timeout(self, now: float) -> None:
        """Run what is due at ``now``."""
        if self.over or self.retired_until is not None:
            return
        for outcome in self.checks.repeat(now):
            self.selection.handle_outcome(outcome, now)
        if self.selection.handle_timeout(now):
            self.stop(IceConnectionState.FAILED, self._why_failed())
        self._advance(now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        check, other = self.checks.next_deadline(), self.selection.next_deadline()
        if check is None or other is None:
            return other if check is None else check
        return min(check, other)

    def retire(self, until: float) -> None:
        """Leave the field to a later generation; answer the other side until then."""
        self.retired_until = until
        self.selection.retire()

    def stop(self, state: IceConnectionState, reason: str | None = None) -> None:
        """End for good in ``state``."""
        self.selection.stop(state, reason)

    def describe(self, headline: str) -> str:
        """Return each pair with what was sent and received under a headline."""
        return describe(
            self._checklist.pairs,
            selected=self.selected,
            headline=(
                f"{headline}, {'controlling' if self.role.controlling else 'controlled'}, "
                f"{len(self.directory.locals())} local and "
                f"{len(self.directory.remotes())} remote candidates"
            ),
        )

    def _why_failed(self) -> str:
        return explain_failure(
            self._checklist.pairs,
            local_count=len(self.directory.locals()),
            remote_count=len(self.directory.remotes()),
            counters=self.counters,
        )

    def _may_answer(self, key: PairKey) -> bool:
        """Whether there is room to remember where a request came from.

        Without that limit whoever has the credentials could make us send anywhere.
        """
        if self.remote is None:
            return self._early.has_room(key)
        if self._checklist.find(*key) is not None:
            return True
        return self.retired_until is None and self.directory.can_learn(key[0], key[2])

    def _learn_from(self, request: BindingRequest, now: float) -> None:
        pair = self._checklist.find(*request.key) or self._pair_with_source(request)
        if pair is None:
            self.counters.unexpected += 1
            return
        pair.requests_received += 1
        pair.responses_sent += 1
        self._checklist.validated[pair.key] = pair
        self.selection.checked(pair, use_candidate=request.use_candidate, now=now)

    def _pair_with_source(self, request: BindingRequest) -> CandidatePair | None:
        """Learn a peer-reflexive candidate (RFC 8445 section 7.3.1.3)."""
        source, address, transport = request.key
        local = self.directory.local(address, transport)
        remote = self.directory.learn_remote(source, transport, request.priority)
        if local is None or remote is None:
            return None
        return self._checklist.add(local, remote, heard=True)

    def _pair_remote(self, candidate: Candidate, now: float) -> None:
        remote, news = self.directory.add_remote(candidate, self.remote)
        if remote is None:
            self.counters.ignored_candidates += 1
        elif news:
            if remote.transport is Transport.TCP:
                self.directory.use_tcp_sources()
            for local in self.directory.locals():
                self._checklist.add(local, remote)
            self._checklist.reprioritise(controlling=self.role.controlling)
            self.selection.news(now)

    def _handle_outcome(self, outcome: Outcome, now: float) -> None:
        pair = outcome.check.pair
        if outcome.mapped is not None:
            pair.local_candidate = self.directory.local_seen_as(pair.local, outcome.mapped)
        self.selection.handle_outcome(outcome, now)
        self._advance(now)

    def _advance(self, now: float) -> None:
        selection = self.selection
        if self.checks.remote is not None and not selection.at_rest and not selection.over:
            selection.advance(
                now,
                remote_known=self.directory.remote_known(),
                complete=self.directory.complete,
            )
