"""The few lines of a description that the legacy objects need to know."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from purertc_compat._candidate import read_candidate, write_candidate

__all__ = [
    "Section",
    "add_candidates",
    "plain_candidates",
    "sections",
    "to_new_sctp_form",
    "to_old_sctp_form",
]

_NEW_MEDIA_LINE: Final = re.compile(
    r"^(m=application \d+ )UDP/DTLS/SCTP webrtc-datachannel", re.MULTILINE
)
_OLD_MEDIA_LINE: Final = re.compile(r"^(m=application \d+ )DTLS/SCTP 5000", re.MULTILINE)
_NEW_PORT_LINE: Final = re.compile(r"^a=sctp-port:5000(?=\r?$)", re.MULTILINE)
_OLD_PORT_LINE: Final = re.compile(r"^a=sctpmap:5000 webrtc-datachannel \d+(?=\r?$)", re.MULTILINE)


@dataclass(slots=True)
class Section:
    """One media section; what it does not say itself it takes from the session (RFC 8839)."""

    kind: str
    port: str
    protocol: str
    attributes: list[tuple[str, str]] = field(default_factory=list)
    inherited: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """Return the first value of attribute ``name``, or None."""
        for attribute, value in self.attributes:
            if attribute == name:
                return value
        return self.inherited.get(name)

    def values(self, name: str) -> list[str]:
        """Return all values of attribute ``name`` in this section."""
        return [value for attribute, value in self.attributes if attribute == name]

    @property
    def mid(self) -> str:
        """The identification of the section; empty when it has none (RFC 5888)."""
        return self.value("mid") or ""

    @property
    def is_rejected(self) -> bool:
        """Whether nothing will flow in it (RFC 8829 section 5.3.1)."""
        return self.port == "0"

    @property
    def is_data(self) -> bool:
        """Whether this is the section of the data channels."""
        return self.kind == "application" and "SCTP" in self.protocol


def sections(sdp: str) -> list[Section]:
    """Return the media sections of a description, without judging its syntax."""
    found: list[Section] = []
    session: dict[str, str] = {}
    for line in sdp.splitlines():
        kind, _, rest = line.partition("=")
        if kind == "m":
            media, port, protocol = [*rest.split(), "", "", ""][:3]
            found.append(Section(media, port, protocol, inherited=session))
        elif kind == "a":
            name, _, value = rest.partition(":")
            if found:
                found[-1].attributes.append((name, value))
            else:
                session.setdefault(name, value)
    return found


def plain_candidates(sdp: str) -> str:
    """Leave out the extensions of candidates that the legacy candidate object cannot hold."""
    prefix = "a=candidate:"
    lines = [
        prefix + write_candidate(read_candidate(line.removeprefix(prefix)))
        if line.startswith(prefix)
        else line
        for line in sdp.splitlines()
    ]
    return "\r\n".join(lines) + "\r\n"


def to_old_sctp_form(sdp: str) -> str:
    """Write the section of the data channels as it was before RFC 8841."""
    sdp = _NEW_MEDIA_LINE.sub(r"\1DTLS/SCTP 5000", sdp)
    return _NEW_PORT_LINE.sub("a=sctpmap:5000 webrtc-datachannel 65535", sdp)


def to_new_sctp_form(sdp: str) -> str:
    """Undo :func:`to_old_sctp_form`."""
    sdp = _OLD_MEDIA_LINE.sub(r"\1UDP/DTLS/SCTP webrtc-datachannel", sdp)
    return _OLD_PORT_LINE.sub("a=sctp-port:5000", sdp)


def add_candidates(sdp: str, index: int, lines: Sequence[str]) -> str:
    """Put attribute lines into media section ``index``, where aiortc writes candidates."""
    text = sdp.splitlines()
    starts = [number for number, line in enumerate(text) if line.startswith("m=")]
    end = starts[index + 1] if index + 1 < len(starts) else len(text)
    place = next(
        (number for number in range(starts[index], end) if text[number].startswith("a=ice-ufrag")),
        end,
    )
    return "\r\n".join([*text[:place], *lines, *text[place:]]) + "\r\n"
