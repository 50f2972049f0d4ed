"""What a remote description says about the data transport (RFC 8829 section 5.8).

The text is untrusted: everything is checked here, before any state machine changes, and only
SdpError is raised.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from purertc.errors import ArgumentError, SdpError
from purertc.sansio.description import SessionDescription
from purertc.sansio.sections import DATA_CHANNEL, LEGACY_PROTOCOL, Section
from purertc.sansio.trickled_candidates import TrickledCandidates
from purertc.sansio.types import Fingerprint, IceParameters, SdpType
from purertc.wire.candidate import Candidate
from purertc.wire.sdp import AttributeLines, Line, SessionDescriptionModel, sdp_error
from purertc.wire.sdp_grammar import (
    Setup,
    parse_fingerprint,
    parse_group,
    parse_ice_password,
    parse_ice_username_fragment,
    parse_legacy_sctp_port,
    parse_max_message_size,
    parse_mid,
    parse_sctp_port,
    parse_sctpmap,
    parse_setup,
)

__all__ = ["RemoteDescription", "RemoteSession", "read_remote"]

_DATA_PROTOCOLS = frozenset({"UDP/DTLS/SCTP", "TCP/DTLS/SCTP"})
_DEFAULT_SCTP_PORT = 5000
_DEFAULT_MAX_MESSAGE_SIZE = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSession:
    """The other side's data section.

    ``max_message_size`` is in bytes, 0 for any; 65536 when the description is silent (RFC 8841
    section 6.1). ``trickle`` says whether it takes candidates after the description (RFC 8840).
    ``bundled`` says whether the section is in a BUNDLE group. Candidates that are signalled for
    a section in ``candidate_sections`` belong to this transport.
    """

    m_line_index: int
    mid: str | None
    ice: IceParameters
    candidates: tuple[str, ...]
    end_of_candidates: bool
    trickle: bool
    fingerprints: tuple[Fingerprint, ...]
    setup: Setup
    sctp_port: int
    max_message_size: int
    bundled: bool
    candidate_sections: frozenset[int]


@dataclass(frozen=True, slots=True)
class RemoteDescription:
    """A remote description that has been read; ``data`` is None when it has no data section."""

    given: SessionDescription
    sections: tuple[Section, ...]
    data: RemoteSession | None
    username_fragments: tuple[str | None, ...]
    """By section; None where neither it nor the session level has one."""
    trickled: TrickledCandidates = field(default_factory=TrickledCandidates, compare=False)

    @property
    def description(self) -> SessionDescription:
        """What was given, with the candidates that came after it."""
        return self.trickled.shown_in(self.given)

    def has_fragment(self, username_fragment: str, index: int) -> bool:
        """Whether the section of this index has this username fragment."""
        return username_fragment in self.username_fragments[index : index + 1]

    def find_section(self, sdp_mid: str | None, sdp_m_line_index: int | None) -> int:
        """Return the index of the section that a signalled candidate names.

        The mid counts when both are given. Raises ArgumentError when there is no such section.
        """
        if sdp_mid is not None:
            for index, section in enumerate(self.sections):
                if section.mid == sdp_mid:
                    return index
            raise ArgumentError(f"the remote description has no m= section with mid {sdp_mid!r}")
        if sdp_m_line_index is None:
            raise ArgumentError("a candidate needs sdp_mid or sdp_m_line_index")
        if not 0 <= sdp_m_line_index < len(self.sections):
            raise ArgumentError(f"the remote description has no m= section {sdp_m_line_index}")
        return sdp_m_line_index


def read_remote(
    description: SessionDescription, offered: Sequence[Section] | None, data_index: int | None
) -> RemoteDescription:
    """Read and check a remote description. Raises SdpError.

    ``offered`` holds the sections of our offer when this is an answer to it, else None.
    ``data_index`` is the section that carries data so far, if any.
    """
    model = SessionDescriptionModel.parse(description.sdp)
    if offered is not None:
        _check_matches_offer(model, offered)
    reader = _Reader(model, description.type)
    indices = range(len(model.media))
    sections = tuple(map(reader.section, indices))
    index = _find_data(sections, offered, data_index)
    return RemoteDescription(
        description,
        sections,
        None if index is None else reader.data_session(index),
        tuple(map(reader.username_fragment, indices)),
    )


def _check_matches_offer(model: SessionDescriptionModel, offered: Sequence[Section]) -> None:
    """RFC 3264 section 6: an answer has the sections of the offer, in the same order."""
    if len(model.media) != len(offered):
        raise SdpError(
            f"the answer has {len(model.media)} m= sections, the offer has {len(offered)};"
            " an answer must have the same ones in the same order"
        )
    for media, section in zip(model.media, offered, strict=True):
        mid = media.find("mid")
        if media.kind != section.kind:
            raise sdp_error(media.line, f"the offer has {section.kind!r} in this place")
        if mid is not None and parse_mid(mid) != section.mid:
            raise sdp_error(mid, f"the offer has mid {section.mid!r} in this place")


def _find_data(
    sections: Sequence[Section], offered: Sequence[Section] | None, data_index: int | None
) -> int | None:
    live = [index for index, section in enumerate(sections) if section.carries_data]
    if offered is not None:
        live = [index for index in live if offered[index].carries_data]
    if data_index in live:
        return data_index
    return live[0] if live else None


class _Reader:
    """Looks attributes up where RFC 9143 and RFC 8839 let them stand.

    That is the section itself, then the first section of its BUNDLE group (RFC 9143 section
    7.1.3), then the session level. Attributes are indexed once, so that the work stays linear
    in the length of the text.
    """

    def __init__(self, model: SessionDescriptionModel, kind: SdpType) -> None:
        self._media = model.media
        self._answer = kind is not SdpType.OFFER
        self._session_level = _by_name(model)
        self._media_level = [_by_name(media) for media in model.media]
        self._mids = self._read_mids()
        self._bundles = self._read_bundles()

    def _read_mids(self) -> list[str | None]:
        mids: list[str | None] = []
        seen: set[str] = set()
        for attributes in self._media_level:
            lines = attributes.get("mid")
            mid = parse_mid(lines[0]) if lines else None
            if lines and mid in seen:
                raise sdp_error(lines[0], "another m= section has this mid; mids must differ")
            if mid is not None:
                seen.add(mid)
            mids.append(mid)
        return mids

    def _read_bundles(self) -> dict[int, int]:
        """Map every bundled section to the first, "tagged" section of its group."""
        index_of = {mid: index for index, mid in enumerate(self._mids) if mid is not None}
        tagged: dict[int, int] = {}
        for line in self._session_level.get("group", ()):
            semantics, mids = parse_group(line)
            if semantics != "BUNDLE":
                continue
            for mid in mids:
                if mid not in index_of:
                    raise sdp_error(line, f"no m= section has the mid {mid!r}")
                if index_of[mid] in tagged:
                    raise sdp_error(line, f"the mid {mid!r} is bundled twice")
                tagged[index_of[mid]] = index_of[mids[0]]
        return tagged

    def section(self, index: int) -> Section:
        media = self._media[index]
        rejected = self._is_rejected(index) or (
            media.kind == "application" and not self._is_data(index)
        )
        return Section(media.kind, media.protocol, media.formats, self._mids[index], rejected)

    def _is_rejected(self, index: int) -> bool:
        """Port 0 rejects, unless an offer wants the section bundled or not at all (RFC 9143)."""
        if self._media[index].port != 0:
            return False
        bundle_only = "bundle-only" in self._media_level[index] and index in self._bundles
        return self._answer or not bundle_only

    def _is_data(self, index: int) -> bool:
        """Whether an application section is for data channels (RFC 8841, RFC 8831)."""
        media = self._media[index]
        if media.protocol != LEGACY_PROTOCOL:
            return media.protocol in _DATA_PROTOCOLS and DATA_CHANNEL in media.formats
        maps = self._media_level[index].get("sctpmap", ())
        return media.formats[0].isdigit() and all(
            parse_sctpmap(line)[1] == DATA_CHANNEL for line in maps
        )

    def _lookup(self, index: int, name: str) -> list[Line]:
        return (
            self._media_level[index].get(name)
            or self._media_level[self._bundles.get(index, index)].get(name)
            or self._session_level.get(name, [])
        )

    def _required(self, index: int, name: str) -> Line:
        lines = self._lookup(index, name)
        if not lines:
            raise sdp_error(self._media[index].line, f"this section has no a={name} line")
        return lines[0]

    def username_fragment(self, index: int) -> str | None:
        lines = self._lookup(index, "ice-ufrag")
        return parse_ice_username_fragment(lines[0]) if lines else None

    def data_session(self, index: int) -> RemoteSession:
        own = self._media_level[index]
        if self._media[index].port != 0 and "ice-ufrag" in own:
            carrier = index
        else:
            carrier = self._bundles.get(index, index)
        candidates = self._media_level[carrier].get("candidate", ())
        options = (line.argument or "" for line in self._lookup(index, "ice-options"))
        return RemoteSession(
            m_line_index=index,
            mid=self._mids[index],
            ice=IceParameters(
                parse_ice_username_fragment(self._required(index, "ice-ufrag")),
                parse_ice_password(self._required(index, "ice-pwd")),
                lite="ice-lite" in self._session_level,
            ),
            candidates=tuple(map(_read_candidate, candidates)),
            end_of_candidates="end-of-candidates" in self._media_level[carrier]
            or "end-of-candidates" in self._session_level,
            trickle=any("trickle" in option.split() for option in options),
            fingerprints=self._fingerprints(index),
            setup=self._setup(index),
            sctp_port=self._sctp_port(index),
            max_message_size=self._max_message_size(index),
            bundled=index in self._bundles,
            candidate_sections=frozenset({index, carrier}),
        )

    def _fingerprints(self, index: int) -> tuple[Fingerprint, ...]:
        self._required(index, "fingerprint")
        lines = self._lookup(index, "fingerprint")
        return tuple(Fingerprint(*parse_fingerprint(line)) for line in lines)

    def _setup(self, index: int) -> Setup:
        """RFC 8842 section 5.2: an offer says actpass, an answer decides.

        An offer without the attribute, as old peers send it, leaves the choice to us.
        """
        if not self._answer and not self._lookup(index, "setup"):
            return Setup.ACTPASS
        line = self._required(index, "setup")
        setup = parse_setup(line)
        if setup is Setup.HOLDCONN:
            raise sdp_error(line, "holdconn does not fit WebRTC; use active or passive")
        if self._answer and setup is Setup.ACTPASS:
            raise sdp_error(line, "an answer must decide between active and passive")
        return setup

    def _sctp_port(self, index: int) -> int:
        media = self._media[index]
        if media.protocol == LEGACY_PROTOCOL:
            return parse_legacy_sctp_port(media.line, media.formats[0])
        lines = self._media_level[index].get("sctp-port")
        return parse_sctp_port(lines[0]) if lines else _DEFAULT_SCTP_PORT

    def _max_message_size(self, index: int) -> int:
        lines = self._media_level[index].get("max-message-size")
        return parse_max_message_size(lines[0]) if lines else _DEFAULT_MAX_MESSAGE_SIZE


def _by_name(section: AttributeLines) -> dict[str, list[Line]]:
    index: dict[str, list[Line]] = {}
    for line in section.lines:
        if line.type == "a":
            index.setdefault(line.name, []).append(line)
    return index


def _read_candidate(line: Line) -> str:
    try:
        Candidate.parse(line.value)
    except SdpError as error:
        raise sdp_error(line, str(error)) from error
    return line.value
