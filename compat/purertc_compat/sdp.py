"""aiortc.sdp: candidates as text. The model of whole descriptions comes with media."""

from purertc_compat._absent import describe_absence
from purertc_compat._candidate import RTCIceCandidate, read_candidate, write_candidate
from purertc_compat._deprecation import warn_legacy

__all__ = ["candidate_from_sdp", "candidate_to_sdp"]

__path__, __getattr__ = describe_absence(__name__)


def candidate_from_sdp(sdp: str) -> RTCIceCandidate:
    """Read the value of a ``candidate`` attribute, without ``candidate:`` (RFC 8839 section 5.1).

    Raises ValueError when fields are missing or a number is none.
    """
    warn_legacy("candidate_from_sdp")
    return read_candidate(sdp)


def candidate_to_sdp(candidate: RTCIceCandidate) -> str:
    """Write a candidate as :func:`candidate_from_sdp` reads it."""
    warn_legacy("candidate_to_sdp")
    return write_candidate(candidate)
