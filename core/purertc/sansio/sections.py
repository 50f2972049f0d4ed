"""The order of ``m=`` sections over a whole session (RFC 3264 sections 6 and 8, RFC 8829).

A section never leaves its place. What was rejected stays with port 0 until it is reused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from purertc.errors import SdpError

__all__ = [
    "DATA_CHANNEL",
    "LEGACY_PROTOCOL",
    "Section",
    "answer_sections",
    "check_order",
    "offer_sections",
    "settle_sections",
]

DATA_CHANNEL = "webrtc-datachannel"
"""The application that runs over SCTP (RFC 8832 section 8.1, RFC 8841)."""

LEGACY_PROTOCOL = "DTLS/SCTP"
"""The profile before RFC 8841: the port is the format, ``a=sctpmap`` names the application."""

_PROTOCOL = "UDP/DTLS/SCTP"


@dataclass(frozen=True, slots=True)
class Section:
    """The shape of one section: what an answer must repeat and a later offer must keep."""

    kind: str
    protocol: str
    formats: tuple[str, ...]
    mid: str | None
    rejected: bool

    @property
    def carries_data(self) -> bool:
        """Whether this is a live section for data channels."""
        return self.kind == "application" and not self.rejected


def offer_sections(
    agreed: Sequence[Section], *, data: bool
) -> tuple[tuple[Section, ...], int | None]:
    """Return the sections of our next offer and the index of the one that carries data.

    What was agreed keeps its place. A new data section comes where one was rejected before,
    with a new mid, else at the end (RFC 8829 section 5.2.2).
    """
    sections = list(agreed)
    index = next((n for n, section in enumerate(agreed) if section.carries_data), None)
    if index is None and data:
        places = (n for n, section in enumerate(agreed) if section.kind == "application")
        index = next(places, len(agreed))
        sections[index : index + 1] = [
            Section("application", _PROTOCOL, (DATA_CHANNEL,), None, rejected=False)
        ]
    if index is not None and sections[index].mid is None:
        taken = {section.mid for section in agreed}
        mid = next(str(n) for n in range(len(taken) + 1) if str(n) not in taken)
        sections[index] = replace(sections[index], mid=mid)
    return tuple(sections), index


def answer_sections(
    offered: Sequence[Section], accepted: int | None, sctp_port: int
) -> tuple[Section, ...]:
    """Return the sections of our answer: one is accepted, all others are rejected."""
    sections = [replace(section, rejected=True) for section in offered]
    if accepted is not None:
        legacy = offered[accepted].protocol == LEGACY_PROTOCOL
        formats = (str(sctp_port) if legacy else DATA_CHANNEL,)
        sections[accepted] = replace(offered[accepted], formats=formats)
    return tuple(sections)


def settle_sections(offered: Sequence[Section], answered: Sequence[Section]) -> tuple[Section, ...]:
    """Return what our offer and the answer to it settle on; they match in number."""
    return tuple(
        replace(ours, rejected=ours.rejected or theirs.rejected)
        for ours, theirs in zip(offered, answered, strict=True)
    )


def check_order(agreed: Sequence[Section], offered: Sequence[Section]) -> None:
    """Check that an offer of the other side keeps what is in use. Raises SdpError."""
    if len(offered) < len(agreed):
        raise SdpError(
            f"the offer has {len(offered)} m= sections where {len(agreed)} were negotiated;"
            " sections may be rejected (port 0), not removed"
        )
    for index, (old, new) in enumerate(zip(agreed, offered, strict=False)):
        mid_changed = old.mid != new.mid and None not in (old.mid, new.mid)
        if not old.rejected and (old.kind != new.kind or mid_changed):
            raise SdpError(
                f"m= section {index} was {old.kind} with mid {old.mid!r} and is now {new.kind}"
                f" with mid {new.mid!r}; a section in use may not change"
            )
