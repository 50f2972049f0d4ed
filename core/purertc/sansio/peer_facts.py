"""What statistics and explanations want to know of a peer, read in one place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.ice.report import Counters
from purertc.sansio.peer import Peer
from purertc.sansio.types import Address, IceCandidateError
from purertc.wire.candidate import Candidate

__all__ = ["CandidateSource", "PeerFacts"]


@dataclass(frozen=True, slots=True)
class CandidateSource:
    """Which server gave a local candidate; ``relay_protocol`` is "udp", "tcp" or "tls"."""

    url: str
    relay_protocol: str | None = None


@dataclass(frozen=True, slots=True)
class PeerFacts:
    """The candidates of both sides, their pairs, and what the servers answered.

    ``unresolved_names`` are hosts of remote candidates that no multicast DNS answer came for.
    """

    local_candidates: tuple[Candidate, ...]
    remote_candidates: tuple[Candidate, ...]
    pairs: tuple[CandidatePair, ...]
    counters: Counters
    errors: tuple[IceCandidateError, ...]
    sources: Mapping[Address, CandidateSource]
    unresolved_names: tuple[str, ...]

    @classmethod
    def of(cls, peer: Peer) -> Self:
        """Read a peer."""
        ice = peer.transport.ice
        pairs = ice.pairs
        errors: Sequence[IceCandidateError] = getattr(peer, "candidate_errors", ())
        sources: Mapping[Address, CandidateSource] = getattr(peer, "candidate_sources", {})
        names: Sequence[str] = getattr(peer, "unresolved_names", ())
        remote: Sequence[Candidate] = getattr(ice, "remote_candidates", ())
        return cls(
            local_candidates=_distinct(
                [*ice.local_candidates, *(pair.local_candidate for pair in pairs)]
            ),
            remote_candidates=_distinct([*remote, *(pair.remote.candidate for pair in pairs)]),
            pairs=pairs,
            counters=ice.counters,
            errors=tuple(errors),
            sources=sources,
            unresolved_names=tuple(names),
        )

    def source_of(self, candidate: Candidate) -> CandidateSource | None:
        """Return the server that gave a candidate of this side."""
        return self.sources.get((candidate.host, candidate.port))


def _distinct(candidates: Iterable[Candidate | None]) -> tuple[Candidate, ...]:
    """Return each candidate once, by what it is reached at."""
    found: dict[tuple[str, str, int], Candidate] = {}
    for each in candidates:
        if each is not None:
            found.setdefault((each.transport, each.host, each.port), each)
    return tuple(found.values())
