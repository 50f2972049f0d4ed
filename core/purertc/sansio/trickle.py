"""Candidates between signalling and ICE (RFC 8838): each side's, in time or out of it."""

import re
from dataclasses import dataclass, replace

from purertc.errors import ArgumentError, InvalidStateError
from purertc.sansio.description import IceCandidate
from purertc.sansio.events import (
    Event,
    GatheringWanted,
    IceCandidateGathered,
    IceGatheringStateChanged,
    LookupWanted,
)
from purertc.sansio.ice.connectivity import Connectivity
from purertc.sansio.jsep import Negotiator
from purertc.sansio.types import IceGatheringState, SignalingState
from purertc.wire.candidate import Candidate

__all__ = ["Trickle"]

_MAX_WAITING = 100
_MAX_LOOKUPS = 32
_LOCAL_NAME = re.compile(r"[A-Za-z0-9-]{1,63}\.local", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A remote candidate, or the end of them, that came before what it belongs to."""

    signalled: IceCandidate
    parsed: Candidate | None


class Trickle:
    """Tells of local candidates, and takes remote ones.

    Local ones wait for a description to belong to. Remote ones may come before the description,
    again, or for another generation; ``.local`` names are looked up first, and one that is not
    found loses its candidate only. ``ignored`` counts remote candidates of no use.
    """

    __slots__ = (
        "_connectivity",
        "_early",
        "_ended",
        "_events",
        "_gathered",
        "_generation",
        "_lookups",
        "_negotiator",
        "_resolve_names",
        "_unanswered",
        "gathering_state",
        "ignored",
        "pooling",
        "unresolved",
    )

    def __init__(
        self,
        negotiator: Negotiator,
        connectivity: Connectivity,
        events: list[Event],
        *,
        resolve_names: bool,
    ) -> None:
        self.gathering_state = IceGatheringState.NEW
        self.pooling = False
        self.ignored = 0
        self.unresolved: list[str] = []
        """``.local`` names that nobody answered for, the first 100."""
        self._negotiator = negotiator
        self._connectivity = connectivity
        self._events = events
        self._resolve_names = resolve_names
        self._gathered: list[Candidate] = []
        self._ended = False
        self._generation: str | None = None
        self._early: list[_Waiting] = []
        self._unanswered: list[_Waiting] = []
        self._lookups: dict[str, list[Candidate]] = {}

    # Local candidates.

    def pool(self) -> None:
        """Gather before there is a description; what is found waits for it."""
        if self._generation is None and not self.pooling:
            self.pooling = True
            self._begin()

    def gather(self, now: float) -> None:
        """Gather for the local description that was just applied, once for each generation.

        What was pooled is of no use when the servers or the policy are others now (RFC 9429
        section 4.1.18).
        """
        generation = self._connectivity.agent.local_parameters.username_fragment
        if generation == self._generation:
            return
        self._generation = generation
        self._set_state(IceGatheringState.GATHERING)
        pooled, self.pooling = self.pooling, False
        if pooled and not self._connectivity.gathering_differs:
            self._flush()
        else:
            if pooled:
                self._connectivity.forget_bases(now)
            self._gathered.clear()
            self._ended = False
            self._begin()

    def found(self, candidate: Candidate) -> None:
        """Signal a local candidate, now or with the description to come."""
        self._gathered.append(candidate)
        self._flush()

    def finished(self) -> None:
        """Note that there are no more local candidates."""
        self._ended = True
        self._flush()

    def _begin(self) -> None:
        self._connectivity.expect_addresses()
        self._events.append(GatheringWanted())

    def _flush(self) -> None:
        if self.gathering_state is not IceGatheringState.GATHERING:
            return
        mid, index = self._negotiator.data_section or (None, None)
        ufrag = self._connectivity.agent.local_parameters.username_fragment
        for candidate in self._gathered:
            if candidate.username_fragment != ufrag:
                candidate = replace(candidate, username_fragment=ufrag)
            text = str(candidate)
            self._negotiator.add_local_candidate(candidate, ufrag)
            self._events.append(IceCandidateGathered(IceCandidate(text, mid, index, ufrag)))
        self._gathered.clear()
        if self._ended:
            self._negotiator.end_of_local_candidates(ufrag)
            self._set_state(IceGatheringState.COMPLETE)
            self._events.append(IceCandidateGathered(None))

    def _set_state(self, state: IceGatheringState) -> None:
        if state is not self.gathering_state:
            self.gathering_state = state
            self._events.append(IceGatheringStateChanged(state))

    # Remote candidates.

    def add_remote(self, signalled: IceCandidate, now: float) -> None:
        """Take a candidate of the other side; an empty one ends them.

        Raises SdpError or ArgumentError for what cannot be read or belongs nowhere, and
        InvalidStateError after the close.
        """
        parsed = Candidate.parse(signalled.candidate) if signalled.candidate else None
        if self._negotiator.signaling_state is SignalingState.CLOSED:
            raise InvalidStateError("the connection is closed")
        waiting = _Waiting(signalled, parsed)
        if not self._negotiator.has_remote_description:
            self._keep(self._early, waiting)
            return
        try:
            wanted = self._is_for_transport(signalled, signalled.username_fragment)
        except ArgumentError:
            # Where its section exists, the description that restarts ICE may be yet to come.
            if not self._is_for_transport(signalled, None):
                raise
            self._keep(self._early, waiting)
            return
        if wanted:
            self._take(waiting, now)

    def remote_described(self, now: float) -> None:
        """Take what came before the remote description that was just applied."""
        early, self._early = self._early, []
        for waiting in early:
            try:
                signalled = waiting.signalled
                wanted = self._is_for_transport(signalled, signalled.username_fragment)
            except ArgumentError:
                wanted = False
            if wanted:
                self._take(waiting, now)
            else:
                self.ignored += 1

    def transport_ready(self, now: float) -> None:
        """Take what came before the answer: the agent knows the other side's credentials now."""
        unanswered, self._unanswered = self._unanswered, []
        for waiting in unanswered:
            self._add(self._with_generation(waiting), now)

    def rolled_back(self) -> None:
        """Forget candidates of an offer that was taken back."""
        self._unanswered.clear()

    def add_described(self, candidate: Candidate | None, now: float) -> None:
        """Take a candidate of a description that both sides have; None ends them."""
        self._add(candidate, now)

    def lookup_done(self, name: str, hosts: list[str], now: float) -> None:
        """Use the candidates that were waiting for a ``.local`` name."""
        for candidate in self._lookups.pop(name, []):
            for host in hosts[:2]:
                self._connectivity.agent.add_remote_candidate(replace(candidate, host=host), now)

    def lookup_failed(self, name: str) -> None:
        """Lose the candidates of a name that was not found."""
        lost = self._lookups.pop(name, [])
        self.ignored += len(lost)
        if lost and len(self.unresolved) < _MAX_WAITING:
            self.unresolved.append(name)

    def _keep(self, waiting_room: list[_Waiting], waiting: _Waiting) -> None:
        if len(waiting_room) < _MAX_WAITING:
            waiting_room.append(waiting)
        else:
            self.ignored += 1

    def _take(self, waiting: _Waiting, now: float) -> None:
        signalled = waiting.signalled
        self._negotiator.add_remote_candidate_line(
            waiting.parsed or signalled.candidate,
            sdp_mid=signalled.sdp_mid,
            sdp_m_line_index=signalled.sdp_m_line_index,
            username_fragment=signalled.username_fragment,
        )
        if self._is_before_answer(waiting):
            self._keep(self._unanswered, waiting)
        else:
            self._add(self._with_generation(waiting), now)

    def _is_before_answer(self, waiting: _Waiting) -> bool:
        """Whether the agent cannot use it yet: the generation it belongs to is not agreed on."""
        if self._connectivity.agent.remote_parameters is None:
            return True
        return self._negotiator.belongs_to_offered_restart(waiting.signalled.username_fragment)

    def _with_generation(self, waiting: _Waiting) -> Candidate | None:
        ufrag, parsed = waiting.signalled.username_fragment, waiting.parsed
        if parsed is None or ufrag is None or parsed.username_fragment == ufrag:
            return parsed
        return replace(parsed, username_fragment=ufrag)

    def _is_for_transport(self, signalled: IceCandidate, username_fragment: str | None) -> bool:
        """Check the section a candidate names; one that names none may only end them all."""
        named = signalled.sdp_mid is not None or signalled.sdp_m_line_index is not None
        if not named and not signalled.candidate:
            return True
        return self._negotiator.candidate_section(
            sdp_mid=signalled.sdp_mid,
            sdp_m_line_index=signalled.sdp_m_line_index,
            username_fragment=username_fragment,
        )

    def _add(self, candidate: Candidate | None, now: float) -> None:
        agent = self._connectivity.agent
        if candidate is None:
            agent.end_of_remote_candidates(now)
        elif candidate.host.lower().endswith(".local"):
            self._look_up(candidate)
        else:
            agent.add_remote_candidate(candidate, now)

    def _look_up(self, candidate: Candidate) -> None:
        """Ask for a name once, and only for one that a browser may have made.

        A name is one label: draft-ietf-mmusic-mdns-ice-candidates section 3.1.1.
        """
        name = candidate.host.lower()
        waiting = self._lookups.get(name)
        usable = self._resolve_names and _LOCAL_NAME.fullmatch(name) is not None
        if not usable or (waiting is None and len(self._lookups) >= _MAX_LOOKUPS):
            self.ignored += 1
        elif waiting is None:
            self._lookups[name] = [candidate]
            self._events.append(LookupWanted(name, 0))
        elif len(waiting) < _MAX_WAITING:
            waiting.append(candidate)
