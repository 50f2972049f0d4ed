"""The ICE agent (RFC 8445): one component, full implementation, regular nomination."""

from typing import Final

from purertc.errors import BadPacket, InvalidStateError
from purertc.sansio.entropy import Entropy, ice_string
from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.ice.checks import ConnectivityChecks, Outcome
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.ice.directory import CandidateDirectory
from purertc.sansio.ice.events import IceEvent
from purertc.sansio.ice.report import Counters, describe, explain_failure
from purertc.sansio.ice.requests import BindingRequest, EarlyRequests, RequestDesk
from purertc.sansio.ice.selection import Selection
from purertc.sansio.types import Address, IceConnectionState, IceParameters, Transmit
from purertc.wire.candidate import Candidate
from purertc.wire.stun import BINDING, MessageClass, StunMessage

__all__ = ["IceAgent"]

# RFC 8839 section 5.4 asks for 24 bits of name and 128 bits of password at least.
_UFRAG_LENGTH: Final = 8
_PASSWORD_LENGTH: Final = 24


class IceAgent:
    """Finds a pair of addresses over which both sides reach each other, and watches over it.

    After every call that takes ``now`` the owner drains :meth:`transmits`, :meth:`next_event`
    and :meth:`next_deadline`. Checks start once the other side's parameters are known and a pair
    exists. Nothing that comes from the network raises.
    """

    def __init__(self, config: IceConfig, entropy: Entropy) -> None:
        self.counters = Counters()
        self.local_parameters = IceParameters(
            username_fragment=ice_string(entropy, _UFRAG_LENGTH),
            password=ice_string(entropy, _PASSWORD_LENGTH),
        )
        self._out: list[Transmit] = []
        self._checks = ConnectivityChecks(
            config, entropy, self.local_parameters, self._out, self.counters
        )
        self._desk = RequestDesk(self.local_parameters, self._checks.role, self._out, self.counters)
        self._checklist = self._checks.checklist
        self._validated = self._checklist.validated
        self._selection = Selection(config, entropy, self._checks)
        self._directory = CandidateDirectory(config, self.local_parameters, entropy)
        self._early = EarlyRequests(config.max_early_requests)

    # What the agent is and was told

    @property
    def state(self) -> IceConnectionState:
        """W3C webrtc-pc section 5.6.4, RTCIceTransportState."""
        return self._selection.state

    @property
    def selected(self) -> CandidatePair | None:
        """The pair to send on; None before one is found and after it failed."""
        return self._selection.selected

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
            self._selection.switch_role()

    def add_local_address(self, address: Address, now: float) -> Candidate:
        """Use a bound UDP socket; return the host candidate to signal.

        Raises ArgumentError when the address is not numeric, has no port, or is link-local
        without a scope; InvalidStateError when the agent is closed.
        """
        self._require_open()
        local = self._directory.add_local(address)
        for remote in self._directory.remotes():
            self._checklist.add(local, remote)
        self._advance(now)
        return local.candidate

    def remove_local_address(self, address: Address, now: float) -> None:
        """Forget a socket that died; unknown addresses are ignored."""
        if self._directory.remove_local(address) and not self._selection.over:
            self._selection.remove_socket(address, now)
            self._advance(now)

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
            self._selection.switch_role()
        self._selection.news(now)
        for candidate in self._directory.take_pending():
            self._pair_remote(candidate, now)
        for request in self._early.take(parameters):
            self._learn_from(request, now)
        self._advance(now)

    def add_remote_candidate(self, candidate: Candidate, now: float) -> None:
        """Pair a candidate with all sockets.

        One that is known already changes nothing. What cannot be used (another transport or
        component, a name, another ICE generation, one too many) is ignored and counted. Raises
        InvalidStateError when the agent is closed.
        """
        self._require_open()
        if self._checks.remote is not None:
            self._pair_remote(candidate, now)
            self._advance(now)
        elif not self._directory.keep_pending(candidate):
            self.counters.ignored_candidates += 1

    def end_of_remote_candidates(self, now: float) -> None:
        """Note that the other side has no more candidates (RFC 8838 section 14)."""
        self._require_open()
        self._directory.remote_ended = True
        self._advance(now)

    def end_of_local_candidates(self, now: float) -> None:
        """Note that no more sockets will come."""
        self._require_open()
        self._directory.local_ended = True
        self._advance(now)

    def close(self) -> None:
        """Stop everything at once; what waits to be sent is discarded."""
        if self.state is not IceConnectionState.CLOSED:
            self._stop(IceConnectionState.CLOSED)

    # The five verbs

    def receive(self, data: bytes, source: Address, local: Address, now: float) -> None:
        """Take in one datagram whose first byte says STUN."""
        if self._selection.over or not self._directory.has_local(local):
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

    def is_validated(self, source: Address, local: Address) -> bool:
        """Whether packets other than STUN from ``source`` to the socket may be accepted.

        That is so once a check on the pair was answered, or an authentic one came from there.
        """
        return (source, local) in self._validated

    def handle_timeout(self, now: float) -> None:
        """Run what is due at ``now``."""
        if self._selection.over:
            return
        for outcome in self._checks.repeat(now):
            self._selection.handle_outcome(outcome, now)
        if self._selection.handle_timeout(now):
            reason = explain_failure(
                self._checklist.pairs,
                local_count=len(self._directory.locals()),
                remote_count=len(self._directory.remotes()),
                counters=self.counters,
            )
            self._stop(IceConnectionState.FAILED, reason)
        self._advance(now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        check, other = self._checks.next_deadline(), self._selection.next_deadline()
        if check is None or other is None:
            return other if check is None else check
        return min(check, other)

    def transmits(self) -> list[Transmit]:
        """Return what is to be sent, and forget it."""
        if not self._out:
            return []
        out = self._out.copy()
        self._out.clear()
        return out

    def next_event(self) -> IceEvent | None:
        """Return the next event in order, or None."""
        events = self._selection.events
        return events.popleft() if events else None

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

    def _handle_request(self, request: BindingRequest, now: float) -> None:
        """Do what an authentic request triggers (RFC 8445 section 7.3)."""
        if request.wants_our_role:
            self._selection.switch_role()
        if self._checks.remote is None:
            self._early.keep(request)
        else:
            self._learn_from(request, now)
            self._advance(now)

    def _learn_from(self, request: BindingRequest, now: float) -> None:
        pair = self._checklist.find(request.source, request.local)
        if pair is None:
            pair = self._pair_with_source(request)
        if pair is None:
            self.counters.unexpected += 1
            return
        pair.requests_received += 1
        pair.responses_sent += 1
        self._validated.add(pair.key)
        self._selection.checked(pair, use_candidate=request.use_candidate, now=now)

    def _pair_with_source(self, request: BindingRequest) -> CandidatePair | None:
        """Learn a peer-reflexive candidate (RFC 8445 section 7.3.1.3)."""
        local = self._directory.local(request.local)
        remote = self._directory.learn_remote(request.source, request.priority)
        if local is None or remote is None:
            return None
        return self._checklist.add(local, remote)

    def _pair_remote(self, candidate: Candidate, now: float) -> None:
        remote, news = self._directory.add_remote(candidate, self._checks.remote)
        if remote is None:
            self.counters.ignored_candidates += 1
        elif news:
            for local in self._directory.locals():
                self._checklist.add(local, remote)
            self._checklist.reprioritise(controlling=self.controlling)
            self._selection.news(now)

    def _handle_outcome(self, outcome: Outcome, now: float) -> None:
        pair = outcome.check.pair
        if outcome.mapped is not None:
            pair.local_candidate = self._directory.local_seen_as(pair.local, outcome.mapped)
        self._selection.handle_outcome(outcome, now)
        self._advance(now)

    def _advance(self, now: float) -> None:
        if self._checks.remote is not None and not self._selection.over:
            self._selection.advance(
                now,
                remote_known=self._directory.remote_known(),
                complete=self._directory.complete,
            )

    def _stop(self, state: IceConnectionState, reason: str | None = None) -> None:
        self._selection.stop(state, reason)
        self._out.clear()

    def _require_open(self) -> None:
        if self.state is IceConnectionState.CLOSED:
            raise InvalidStateError("the ICE agent is closed")
