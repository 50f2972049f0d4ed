"""Which remote description a signalled candidate belongs to (W3C webrtc-pc section 4.4.1.9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from purertc.errors import ArgumentError, InvalidStateError
from purertc.sansio.ice_generation import RetiredFragments
from purertc.sansio.session import RemoteDescription
from purertc.wire.candidate import Candidate

__all__ = ["CandidateAddress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateAddress:
    """What a signalled candidate says about where it belongs.

    Methods take the descriptions that are applied, the latest first. Without a username fragment
    the latest one is meant.
    """

    sdp_mid: str | None
    sdp_m_line_index: int | None
    username_fragment: str | None

    def is_for_transport(
        self, applied: Sequence[RemoteDescription], retired: RetiredFragments
    ) -> bool:
        """Whether the candidate is for the data transport, now or after an open restart.

        Raises InvalidStateError without a description, and ArgumentError when the section does
        not exist or its description has not come yet.
        """
        if not applied:
            raise InvalidStateError(
                "candidates come after the remote description; call set_remote_description first"
            )
        latest = applied[0]
        index = latest.find_section(self.sdp_mid, self.sdp_m_line_index)
        fragment = self.username_fragment
        if fragment and not any(remote.has_fragment(fragment, index) for remote in applied):
            if fragment in retired:
                return False
            raise ArgumentError(
                f"no remote description has the username fragment {fragment!r} in m= section"
                f" {index}; set the description it belongs to first"
            )
        return latest.data is not None and index in latest.data.candidate_sections

    def show(self, candidate: Candidate | str, applied: Sequence[RemoteDescription]) -> None:
        """Add the line of the candidate to each description of its generation.

        An empty candidate ends those of its section, or of every section when it names none.
        """
        if not applied:
            return
        latest = applied[0]
        for index in self._sections_of(latest):
            fragment = self.username_fragment or latest.username_fragments[index]
            for remote in applied:
                if index < len(remote.sections) and (
                    fragment is None or remote.has_fragment(fragment, index)
                ):
                    remote.trickled.add(index, candidate)

    def _sections_of(self, latest: RemoteDescription) -> Sequence[int]:
        if self.sdp_mid is None and self.sdp_m_line_index is None:
            return range(len(latest.sections))
        return (latest.find_section(self.sdp_mid, self.sdp_m_line_index),)
