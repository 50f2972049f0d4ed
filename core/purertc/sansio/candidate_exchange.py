"""Candidates of both sides, and the descriptions that show them (RFC 8829 section 3.5)."""

from purertc.sansio.exchange import Exchange
from purertc.sansio.ice_generation import LocalGenerations, RetiredFragments
from purertc.sansio.local_description import LocalDescription
from purertc.sansio.remote_candidates import CandidateAddress
from purertc.wire.candidate import Candidate, candidate_text

__all__ = ["CandidateExchange"]


class CandidateExchange(Exchange):
    """The descriptions of one connection, with the candidates that come beside them."""

    __slots__ = ("_candidates", "_retired")

    def __init__(self) -> None:
        super().__init__()
        self._candidates = LocalGenerations()
        self._retired = RetiredFragments()

    def add_local_candidate(
        self, candidate: Candidate | str, username_fragment: str | None = None
    ) -> bool:
        """Add a gathered candidate (``candidate:…``) to its descriptions; once each.

        ``username_fragment`` names the ICE generation it was gathered for, None the one of the
        description applied last. Returns False when no description is of that generation any
        more, as after a rollback. Raises SdpError when it is no candidate.
        """
        line = candidate_text(candidate)
        candidates = self._candidates.by_fragment(username_fragment)
        if candidates is None:
            return False
        if line not in candidates.lines:
            candidates.lines.append(line)
        return True

    def end_of_local_candidates(self, username_fragment: str | None = None) -> bool:
        """Say in the local descriptions of a generation that gathering is complete.

        RFC 8840 section 4.1. Argument and result are as for :meth:`add_local_candidate`.
        """
        candidates = self._candidates.by_fragment(username_fragment)
        if candidates is None:
            return False
        candidates.ended = True
        return True

    def _describe_candidates(self, applied: LocalDescription | None) -> None:
        """Keep what descriptions need after one was applied, or rolled back (None)."""
        agreed = None if self._agreed is None else self._agreed.local
        latest = applied or agreed
        described = (each.candidates for each in (latest, agreed) if each is not None)
        self._candidates.describe(None if latest is None else latest.candidates, described)

    def candidate_section(
        self,
        *,
        sdp_mid: str | None,
        sdp_m_line_index: int | None,
        username_fragment: str | None,
    ) -> bool:
        """Check where a signalled candidate belongs (W3C webrtc-pc section 4.4.1.9).

        Returns whether it is for our transport, as it is or as an open offer restarts it; one
        for a rejected section, or for an ICE generation that is over, is not. Raises
        InvalidStateError without a remote description, and ArgumentError when the section is
        not named or does not exist, or when its description has not come yet.
        """
        self._check_open()
        address = CandidateAddress(
            sdp_mid=sdp_mid, sdp_m_line_index=sdp_m_line_index, username_fragment=username_fragment
        )
        return address.is_for_transport(self._remote_descriptions(), self._retired)

    def belongs_to_offered_restart(self, username_fragment: str | None) -> bool:
        """Whether a candidate is for the ICE generation that the remote offer wants to begin.

        Such a candidate waits for our answer, or goes with the offer when that is rolled back.
        Without a username fragment it is for the latest description.
        """
        if not self.remote_wants_restart or self._remote is None or self._remote.data is None:
            return False
        return username_fragment in (None, "", self._remote.data.ice.username_fragment)

    def add_remote_candidate_line(
        self,
        candidate: Candidate | str,
        *,
        sdp_mid: str | None,
        sdp_m_line_index: int | None,
        username_fragment: str | None,
    ) -> None:
        """Show a candidate in the remote descriptions of its generation (W3C 4.4.1.9).

        An empty one says that no more follow for its section, or for any when it names none. A
        description shows each once, and at most 100 that came after it. Raises as
        :meth:`candidate_section` does, which comes first, and SdpError for what is no candidate.
        """
        address = CandidateAddress(
            sdp_mid=sdp_mid, sdp_m_line_index=sdp_m_line_index, username_fragment=username_fragment
        )
        address.show(candidate, self._remote_descriptions())
