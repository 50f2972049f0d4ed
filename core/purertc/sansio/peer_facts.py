"""What statistics and explanations want to know of a peer, read in one place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from purertc.sansio.dtls import DtlsState
from purertc.sansio.ice.candidate_source import CandidateSource
from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.ice.report import Counters
from purertc.sansio.peer import Peer
from purertc.sansio.types import (
    Address,
    ConnectionState,
    IceCandidateError,
    IceGatheringState,
    SignalingState,
)
from purertc.wire.candidate import Candidate

__all__ = ["PeerFacts"]


@dataclass(frozen=True, slots=True)
class PeerFacts:
    """States, the candidates of both sides, their pairs, and what the servers answered.

    ``described``: a local description is set. ``negotiated``: the other side's description told
    how to reach it. ``was_connected``: DTLS had verified the other side. ``unresolved_names`` are
    hosts of remote candidates that no multicast DNS answer came for.
    """

    connection_state: ConnectionState
    signaling_state: SignalingState
    gathering_state: IceGatheringState
    dtls_state: DtlsState
    close_reason: str | None
    described: bool
    negotiated: bool
    was_connected: bool
    selected: CandidatePair | None
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
        return cls(
            connection_state=peer.connection_state,
            signaling_state=peer.signaling_state,
            gathering_state=peer.ice_gathering_state,
            dtls_state=peer.transport.dtls.state,
            close_reason=peer.close_reason,
            described=peer.local_description is not None,
            negotiated=ice.remote_parameters is not None,
            was_connected=peer.transport.dtls.remote_certificate is not None,
            selected=ice.selected,
            local_candidates=_distinct(
                [*ice.local_candidates, *(pair.local_candidate for pair in pairs)]
            ),
            remote_candidates=_distinct(ice.remote_candidates),
            pairs=pairs,
            counters=ice.counters,
            errors=tuple(peer.candidate_errors),
            sources=peer.candidate_sources,
            unresolved_names=tuple(peer.unresolved_names),
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
