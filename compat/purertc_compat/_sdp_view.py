"""The few lines of a description that the legacy objects need to know."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from purertc_compat._candidate import read_candidate, write_candidate

__all__ = ["Section", "add_candidates", "plain_candidates", "sections"]


@dataclass(slots=True)
class Section:
    """One media section; what it does not say itself it takes from the session (RFC 8839)."""

    kind: str
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
            fields = rest.split()
            protocol = fields[2] if len(fields) > 2 else ""
            found.append(Section(fields[0] if fields else "", protocol, inherited=session))
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
