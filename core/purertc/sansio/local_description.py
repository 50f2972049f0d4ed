"""Our own descriptions: the data-only text, and the candidates gathered for it so far."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from purertc.errors import ArgumentError
from purertc.sansio.description import SessionDescription
from purertc.sansio.entropy import Entropy, random_u64
from purertc.sansio.sections import DATA_CHANNEL, LEGACY_PROTOCOL, Section
from purertc.sansio.types import Fingerprint, IceParameters, SdpType
from purertc.wire.address import read_host
from purertc.wire.candidate import Candidate
from purertc.wire.sdp import Line, MediaDescription, SessionDescriptionModel
from purertc.wire.sdp_grammar import Setup

__all__ = ["DescriptionWriter", "LocalCandidates", "LocalDescription", "SessionPlan"]

_DISCARD = ("0.0.0.0", 9)  # noqa: S104  # RFC 8840 section 4.1.1: no candidate yet
_LEGACY_STREAMS = 65535
_DEFAULT_ORDER = ("relay", "srflx", "prflx", "host")


class LocalCandidates:
    """The candidates gathered under one set of ICE credentials."""

    __slots__ = ("ended", "lines", "username_fragment")

    def __init__(self, username_fragment: str | None = None) -> None:
        self.username_fragment = username_fragment
        self.lines: list[str] = []
        self.ended = False

    def snapshot(self) -> tuple[int, bool]:
        """Return a value that changes whenever the candidates do; none is ever taken back."""
        return len(self.lines), self.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """Everything that one of our descriptions says, apart from candidates.

    ``data_index`` is the section that carries data, None when there is none; ``bundled`` says
    whether it is announced in a BUNDLE group.
    """

    session_id: int
    version: int
    sections: tuple[Section, ...]
    data_index: int | None
    bundled: bool
    ice: IceParameters
    setup: Setup
    fingerprints: tuple[Fingerprint, ...]
    sctp_port: int
    max_message_size: int

    def model(self, candidates: LocalCandidates) -> SessionDescriptionModel:
        """Build the description (RFC 8829 sections 5.2 and 5.3)."""
        lines = [
            Line("v", "0"),
            Line("o", f"- {self.session_id} {self.version} IN IP4 0.0.0.0"),
            Line("s", "-"),
            Line("t", "0 0"),
        ]
        model = SessionDescriptionModel(lines, [])
        if self.ice.lite:
            model.add("ice-lite")
        for index, section in enumerate(self.sections):
            if index == self.data_index:
                if self.bundled:
                    model.add("group", f"BUNDLE {section.mid}")
                model.media.append(self._data_section(section, candidates))
            else:
                model.media.append(_rejected_section(section))
        return model

    def _data_section(self, section: Section, candidates: LocalCandidates) -> MediaDescription:
        """RFC 8841 section 5; a=setup stays the last line, as older software expects it."""
        host, port = _default_destination(candidates.lines)
        media = MediaDescription(section.kind, port, section.protocol, section.formats)
        media.lines.append(_connection_line(host))
        if section.mid is not None:
            media.add("mid", section.mid)
        if section.protocol == LEGACY_PROTOCOL:
            media.add("sctpmap", f"{self.sctp_port} {DATA_CHANNEL} {_LEGACY_STREAMS}")
        else:
            media.add("sctp-port", self.sctp_port)
        media.add("max-message-size", self.max_message_size)
        media.lines += [Line("a", candidate) for candidate in candidates.lines]
        if candidates.ended:
            media.add("end-of-candidates")
        media.add("ice-ufrag", self.ice.username_fragment)
        media.add("ice-pwd", self.ice.password)
        media.add("ice-options", "trickle")
        for fingerprint in self.fingerprints:
            media.add("fingerprint", f"{fingerprint.algorithm} {fingerprint.value}")
        media.add("setup", self.setup.value)
        return media


def _rejected_section(section: Section) -> MediaDescription:
    """RFC 3264 section 6: port 0, everything else as it was offered."""
    media = MediaDescription(section.kind, 0, section.protocol, section.formats)
    media.lines.append(_connection_line(_DISCARD[0]))
    if section.kind in ("audio", "video"):
        media.add("inactive")
    if section.mid is not None:
        media.add("mid", section.mid)
    return media


def _connection_line(host: str) -> Line:
    return Line("c", f"IN IP{read_host(host).version} {host}")


def _default_destination(candidates: Sequence[str]) -> tuple[str, int]:
    """RFC 8839 section 4.2.1.2: the candidate most likely to work for a peer without ICE."""
    best, destination = (len(_DEFAULT_ORDER), 0), _DISCARD
    for candidate in map(Candidate.parse, candidates):
        if candidate.transport.lower() != "udp" or candidate.type not in _DEFAULT_ORDER:
            continue
        try:
            version = read_host(candidate.host).version
        except ArgumentError:
            continue
        rank = (_DEFAULT_ORDER.index(candidate.type), version)
        if rank < best:
            best, destination = rank, (candidate.host, candidate.port)
    return destination


class LocalDescription:
    """A description we created; its text grows as candidates are gathered (JSEP section 3.5)."""

    __slots__ = ("_rendered", "_snapshot", "candidates", "plan", "type")

    def __init__(self, type: SdpType, plan: SessionPlan, candidates: LocalCandidates) -> None:
        self.type = type
        self.plan = plan
        self.candidates = candidates
        self._snapshot = candidates.snapshot()
        self._rendered = SessionDescription(type, str(plan.model(candidates)))

    def applied_as(self, type: SdpType) -> "LocalDescription":
        """Return it under the type it is applied with: an answer may become a pranswer."""
        return self if type is self.type else LocalDescription(type, self.plan, self.candidates)

    @property
    def description(self) -> SessionDescription:
        """Type and text, with the candidates gathered so far."""
        snapshot = self.candidates.snapshot()
        if snapshot != self._snapshot:
            self._snapshot = snapshot
            self._rendered = SessionDescription(self.type, str(self.plan.model(self.candidates)))
        return self._rendered

    def is_text_of(self, sdp: str) -> bool:
        """Whether ``sdp`` is this description, candidates and default destinations aside."""
        own = self._rendered.sdp
        return sdp == own or _without_candidates(sdp) == _without_candidates(own)


def _without_candidates(sdp: str) -> list[str]:
    kept: list[str] = []
    for row in sdp.strip().split("\n"):
        row = row.rstrip("\r")
        if row.startswith("m="):
            kind, _, rest = row.partition(" ")
            port, _, rest = rest.partition(" ")
            kept.append(f"{kind} {'0' if port == '0' else '9'} {rest}")
        elif not row.startswith(("a=candidate:", "a=end-of-candidates", "c=")):
            kept.append(row)
    return kept


class DescriptionWriter:
    """Writes offers and answers of one session: one session id, one count of versions."""

    __slots__ = ("_last", "_plan")

    def __init__(
        self,
        entropy: Entropy,
        fingerprints: Sequence[Fingerprint],
        sctp_port: int,
        max_message_size: int,
    ) -> None:
        self._plan = SessionPlan(
            # RFC 8829 section 5.2.1: 64 bits, the highest one zero.
            session_id=random_u64(entropy) >> 1,
            version=0,
            sections=(),
            data_index=None,
            bundled=False,
            ice=IceParameters("", ""),
            setup=Setup.ACTPASS,
            fingerprints=tuple(fingerprints),
            sctp_port=sctp_port,
            max_message_size=max_message_size,
        )
        self._last: tuple[SessionPlan, tuple[int, bool]] | None = None

    @property
    def sctp_port(self) -> int:
        """Our SCTP port, announced in every description."""
        return self._plan.sctp_port

    def write(
        self,
        type: SdpType,
        sections: tuple[Section, ...],
        data_index: int | None,
        candidates: LocalCandidates,
        *,
        ice: IceParameters,
        setup: Setup,
        bundled: bool,
    ) -> LocalDescription:
        """Return the description; its version grows when it says something new (RFC 3264 8)."""
        plan = replace(
            self._plan,
            sections=sections,
            data_index=data_index,
            bundled=bundled,
            ice=ice,
            setup=setup,
        )
        said = (plan, candidates.snapshot())
        if said != self._last:
            self._last = (replace(plan, version=plan.version + 1), said[1])
            self._plan = self._last[0]
        return LocalDescription(type, self._plan, candidates)
