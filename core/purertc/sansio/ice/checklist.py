"""Candidate pairs and the order in which they are checked (RFC 8445 section 6.1.2)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from purertc.sansio.ice.candidates import LocalBase, RemoteCandidate, pair_priority
from purertc.sansio.types import Address, Transport
from purertc.wire.candidate import Candidate

__all__ = ["CandidatePair", "Checklist", "PairKey", "PairState"]

PairKey = tuple[Address, Address, Transport]
"""Remote address, local address, and what carries packets between them."""


class PairState(StrEnum):
    """RFC 8445 section 6.1.2.6."""

    FROZEN = "frozen"
    WAITING = "waiting"
    IN_PROGRESS = "in-progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


_UNCHECKED = (PairState.FROZEN, PairState.WAITING)
_UNDER_WAY = (PairState.WAITING, PairState.IN_PROGRESS)
_UNFINISHED = (*_UNCHECKED, PairState.IN_PROGRESS)


@dataclass(slots=True, eq=False)
class CandidatePair:
    """A local base and a remote candidate.

    ``local_address`` and ``remote_address`` are what to send from and to. ``check`` is the
    transaction id of the check that decides the state. ``nominated_by_peer``: a check of the
    other side said USE-CANDIDATE, and the pair was not selected for it yet. ``new_checks`` counts
    the checks since one succeeded, ``quiet_until`` is when the next one may be triggered.
    ``local_candidate`` is our candidate that the other side sees, once it has said so.

    The rest is for statistics (W3C webrtc-stats section 8.15): ``requests_sent`` counts checks
    without ``retransmissions`` and without the ``consent_requests_sent``; packets and bytes are
    those that are not STUN, counted by the agent's owner; round-trip times are in seconds.
    """

    local: LocalBase
    remote: RemoteCandidate
    local_address: Address
    remote_address: Address
    priority: int
    transport: Transport = Transport.UDP
    state: PairState = PairState.FROZEN
    check: bytes | None = None
    nominated: bool = False
    nominated_by_peer: bool = False
    new_checks: int = 0
    quiet_until: float = 0.0
    local_candidate: Candidate | None = None
    last_error: str | None = None
    requests_sent: int = 0
    retransmissions: int = 0
    consent_requests_sent: int = 0
    responses_received: int = 0
    requests_received: int = 0
    responses_sent: int = 0
    current_round_trip_time: float | None = None
    total_round_trip_time: float = 0.0
    packets_sent: int = 0
    packets_received: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0

    @property
    def foundation(self) -> tuple[str, str]:
        """Pairs of one foundation are likely to fare alike (RFC 8445 section 6.1.2.6)."""
        return self.local.candidate.foundation, self.remote.candidate.foundation

    @property
    def key(self) -> PairKey:
        """What identifies the pair of a datagram: its source and the base it came to."""
        return self.remote_address, self.local_address, self.transport

    @property
    def relayed(self) -> bool:
        """Whether data would take the way over a relay."""
        return "relay" in (self.local.candidate.type, self.remote.candidate.type)

    @property
    def makeshift(self) -> bool:
        """Whether a direct pair over UDP would be better."""
        return self.relayed or self.transport is Transport.TCP


class Checklist:
    """All pairs of a connection, the best first, and the queue of triggered checks.

    ``validated`` holds the pairs that proved themselves, by an answer to a check or by
    an authentic check of the other side.
    """

    __slots__ = ("_by_key", "_limit", "_triggered", "controlling", "pairs", "validated")

    def __init__(self, *, controlling: bool, limit: int) -> None:
        self.controlling = controlling
        self.pairs: list[CandidatePair] = []
        self.validated: dict[PairKey, CandidatePair] = {}
        self._limit = limit
        self._by_key: dict[PairKey, CandidatePair] = {}
        self._triggered: list[CandidatePair] = []

    def find(
        self, source: Address, local: Address, transport: Transport = Transport.UDP
    ) -> CandidatePair | None:
        """Return the pair a datagram belongs to."""
        return self._by_key.get((source, local, transport))

    def add(
        self, local: LocalBase, remote: RemoteCandidate, *, heard: bool = False
    ) -> CandidatePair | None:
        """Form a pair, or return the one there is; ``heard``: a check came that way.

        Returns None when the two cannot be paired, or when the list is full and no worse
        unchecked pair can make room (RFC 8445 section 6.1.2.5). A TCP listener is paired only
        with what connected to it (RFC 6544 section 6.2).
        """
        if not local.can_reach(remote) or (local.passive and not heard):
            return None
        pair = CandidatePair(
            local=local,
            remote=remote,
            local_address=local.address,
            remote_address=local.address_of(remote),
            priority=self._priority(local, remote),
            transport=local.transport,
        )
        known = self._by_key.get(pair.key)
        if known is not None:
            return known
        if len(self.pairs) >= self._limit and not self._make_room(pair.priority):
            return None
        if self._may_thaw(pair):
            pair.state = PairState.WAITING
        self._by_key[pair.key] = pair
        self.pairs.append(pair)
        self._sort()
        return pair

    def remove(self, pairs: Iterable[CandidatePair]) -> None:
        """Forget pairs."""
        for pair in pairs:
            self.pairs.remove(pair)
            del self._by_key[pair.key]
            self.validated.pop(pair.key, None)
            if pair in self._triggered:
                self._triggered.remove(pair)

    def reprioritise(self, *, controlling: bool) -> None:
        """Compute all priorities anew: a role or a candidate has changed."""
        self.controlling = controlling
        for pair in self.pairs:
            pair.priority = self._priority(pair.local, pair.remote)
        self._sort()

    def trigger(self, pair: CandidatePair) -> None:
        """Queue a check that goes before all ordinary ones (RFC 8445 section 7.3.1.4)."""
        pair.state = PairState.WAITING
        if pair not in self._triggered:
            self._triggered.append(pair)

    @property
    def has_triggered(self) -> bool:
        """Whether triggered checks wait."""
        return bool(self._triggered)

    def take_triggered(self) -> Iterator[CandidatePair]:
        """Yield the pairs whose triggered checks are due, and empty the queue."""
        while self._triggered:
            pair = self._triggered.pop(0)
            if pair.state is PairState.WAITING:
                yield pair

    def next_ordinary(self) -> CandidatePair | None:
        """Return the pair to check next (RFC 8445 section 6.1.4.2)."""
        busy: set[tuple[str, str]] = set()
        proven: set[tuple[str, str]] = set()
        for pair in self.pairs:
            if pair.state is PairState.WAITING:
                return pair
            if pair.state is PairState.IN_PROGRESS:
                busy.add(pair.foundation)
            elif pair.state is PairState.SUCCEEDED:
                proven.add(pair.foundation)
        for pair in self.pairs:
            if pair.state is PairState.FROZEN and (
                pair.foundation in proven or pair.foundation not in busy
            ):
                return pair
        return None

    def succeeded(self, pair: CandidatePair) -> None:
        """Note that a check worked, and thaw its likes (RFC 8445 section 7.2.5.3.3)."""
        pair.state = PairState.SUCCEEDED
        pair.new_checks = 0
        self.validated[pair.key] = pair
        for other in self.pairs:
            if other.state is PairState.FROZEN and other.foundation == pair.foundation:
                other.state = PairState.WAITING

    def failed(self, pair: CandidatePair) -> None:
        """Note that a check failed."""
        pair.state = PairState.FAILED
        self.validated.pop(pair.key, None)

    def revive(self, *states: PairState) -> bool:
        """Let pairs in one of ``states`` be checked again; return whether there are any."""
        revived = [pair for pair in self.pairs if pair.state in states]
        for pair in revived:
            pair.state = PairState.WAITING
        return bool(revived)

    def best_valid(self) -> CandidatePair | None:
        """Return the best pair whose check succeeded."""
        return next((pair for pair in self.pairs if pair.state is PairState.SUCCEEDED), None)

    def may_improve_on(self, pair: CandidatePair) -> bool:
        """Whether a pair that is better than this makeshift one is still to be decided."""
        return any(
            other.priority > pair.priority and not other.makeshift and other.state in _UNFINISHED
            for other in self.pairs
        )

    def count_under_way(self) -> int:
        """Return how many pairs are waiting or being checked."""
        return sum(1 for pair in self.pairs if pair.state in _UNDER_WAY)

    def exhausted(self) -> bool:
        """Whether all checks are done and at least one pair has failed."""
        states = {pair.state for pair in self.pairs}
        return PairState.FAILED in states and states.isdisjoint(_UNFINISHED)

    def _may_thaw(self, pair: CandidatePair) -> bool:
        foundation = pair.foundation
        states = {
            other.state
            for other in self.pairs
            if other is not pair and other.foundation == foundation
        }
        return PairState.SUCCEEDED in states or states.isdisjoint(_UNDER_WAY)

    def _make_room(self, priority: int) -> bool:
        for pair in reversed(self.pairs):
            if pair.priority >= priority:
                return False
            if pair.state in _UNCHECKED:
                self.remove((pair,))
                return True
        return False

    def _priority(self, local: LocalBase, remote: RemoteCandidate) -> int:
        ours, theirs = local.candidate.priority, remote.candidate.priority
        return pair_priority(ours, theirs) if self.controlling else pair_priority(theirs, ours)

    def _sort(self) -> None:
        self.pairs.sort(key=lambda pair: pair.priority, reverse=True)
