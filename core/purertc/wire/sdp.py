"""Session descriptions as lines: parse and serialise, nothing interpreted (RFC 8866).

The model keeps every line in its place, so that whatever was parsed is written back line by
line, audio and video sections included. What an attribute means is the business of
:mod:`purertc.wire.sdp_grammar` and of whoever reads the model.
"""

import re
from dataclasses import dataclass, field
from typing import Self

from purertc.errors import SdpError

__all__ = [
    "AttributeLines",
    "Line",
    "MediaDescription",
    "SessionDescriptionModel",
    "sdp_error",
]

_MAX_LENGTH = 1_000_000
"""Characters. Offers of conference servers with hundreds of sections stay well below."""

_SHOWN = 80
_SESSION_TYPES = frozenset("vosiuepcbtrzka")
_MEDIA_TYPES = frozenset("icbka")
_FIRST_TYPES = ("v", "o", "s")
_ATTRIBUTE = re.compile(r"[!#-'*+\-.0-9A-Z^-~]+(:.*)?", re.DOTALL)
_ORIGIN = re.compile(r"[^ ]+ [0-9]+ [0-9]+ IN IP[46] [^ ]+")
_MEDIA = re.compile(r"([^ ]+) +([0-9]{1,5})(?:/([0-9]{1,5}))? +([^ ]+) +([^ ].*)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, ``type=value``.

    ``number`` is its place in the text it was parsed from, counted from 1; 0 when it was built.
    It does not count for equality.
    """

    type: str
    value: str
    number: int = field(default=0, compare=False)

    @classmethod
    def attribute(cls, name: str, argument: str | None = None) -> Self:
        """Return the line ``a=name`` or ``a=name:argument``."""
        return cls("a", name if argument is None else f"{name}:{argument}")

    @property
    def name(self) -> str:
        """Name of an attribute line (RFC 8866 section 5.13)."""
        return self.value.partition(":")[0]

    @property
    def argument(self) -> str | None:
        """Value of an attribute line, or None when it has none."""
        _, colon, argument = self.value.partition(":")
        return argument if colon else None

    def __str__(self) -> str:
        return f"{self.type}={self.value}"


def sdp_error(line: Line, reason: str) -> SdpError:
    """Return the error that names a line and what is wrong with it."""
    text = str(line)
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return SdpError(f"line {line.number} of the description, {shown!r}: {reason}")


class AttributeLines:
    """The lines below ``v=`` or ``m=``, with access to the attributes among them."""

    __slots__ = ("lines",)

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines

    @property
    def attributes(self) -> list[tuple[str, str | None]]:
        """Name and value of every attribute, in order."""
        return [(line.name, line.argument) for line in self.lines if line.type == "a"]

    def find(self, name: str) -> Line | None:
        """Return the first attribute of this name, or None."""
        return next(iter(self.find_all(name)), None)

    def find_all(self, name: str) -> list[Line]:
        """Return all attributes of this name, in order."""
        return [line for line in self.lines if line.type == "a" and line.name == name]

    def add(self, name: str, argument: object = None) -> None:
        """Append the line ``a=name`` or ``a=name:argument``."""
        text = None if argument is None else str(argument)
        self.lines.append(Line.attribute(name, text))


class MediaDescription(AttributeLines):
    """One ``m=`` section (RFC 8866 section 5.14).

    ``lines`` holds what follows the ``m=`` line. ``port_count`` is the number after the slash
    of the port, None when there is none. ``line`` is the ``m=`` line as it was parsed.
    """

    __slots__ = ("formats", "kind", "line", "port", "port_count", "protocol")

    def __init__(
        self,
        kind: str,
        port: int,
        protocol: str,
        formats: tuple[str, ...],
        *,
        port_count: int | None = None,
        line: Line | None = None,
    ) -> None:
        super().__init__([])
        self.kind = kind
        self.port = port
        self.port_count = port_count
        self.protocol = protocol
        self.formats = formats
        self.line = line or Line("m", self._media_value())

    @classmethod
    def parse(cls, line: Line) -> Self:
        """Read an ``m=`` line. Raises SdpError."""
        match = _MEDIA.fullmatch(line.value)
        if match is None:
            raise sdp_error(line, "expected m=<media> <port> <protocol> <formats>")
        kind, port, count, protocol, formats = match.groups()
        if int(port) > 65535:
            raise sdp_error(line, "the port is above 65535")
        return cls(
            kind,
            int(port),
            protocol,
            tuple(word for word in formats.split(" ") if word),
            port_count=None if count is None else int(count),
            line=line,
        )

    def _media_value(self) -> str:
        port = str(self.port) if self.port_count is None else f"{self.port}/{self.port_count}"
        return " ".join((self.kind, port, self.protocol, *self.formats))

    def __str__(self) -> str:
        return "".join(f"{line}\r\n" for line in (Line("m", self._media_value()), *self.lines))


class SessionDescriptionModel(AttributeLines):
    """A whole description: the session-level lines, from ``v=`` on, and the ``m=`` sections."""

    __slots__ = ("media",)

    def __init__(self, lines: list[Line], media: list[MediaDescription]) -> None:
        super().__init__(lines)
        self.media = media

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a description; lines may end in CRLF or LF.

        Raises SdpError, which names the line, and nothing else.
        """
        session: list[Line] = []
        media: list[MediaDescription] = []
        for line in _split(text):
            if line.type == "m":
                media.append(MediaDescription.parse(line))
            elif media:
                _check_media_line(line)
                media[-1].lines.append(line)
            else:
                _check_session_line(line, len(session))
                session.append(line)
        if len(session) < len(_FIRST_TYPES):
            raise SdpError("the description ends before its v=, o= and s= lines")
        if not any(line.type == "t" for line in session):
            raise SdpError("the description has no t= line; write 't=0 0' after s=")
        return cls(session, media)

    def __str__(self) -> str:
        return "".join(f"{line}\r\n" for line in self.lines) + "".join(map(str, self.media))


def _split(text: str) -> list[Line]:
    if len(text) > _MAX_LENGTH:
        raise SdpError(f"the description is longer than {_MAX_LENGTH} characters")
    rows = text.split("\n")
    while rows and rows[-1] in ("", "\r"):
        rows.pop()
    if not rows:
        raise SdpError("the description is empty")
    return [_read_line(row.removesuffix("\r"), number) for number, row in enumerate(rows, 1)]


def _read_line(row: str, number: int) -> Line:
    line = Line(row[:1], row[2:], number)
    if len(row) < 2 or row[1] != "=":
        shown = repr(row[:_SHOWN])
        raise SdpError(f"line {number} of the description, {shown}: expected <letter>=<value>")
    if "\r" in row or "\0" in row:
        raise sdp_error(line, "a line may hold neither CR nor NUL")
    if line.type == "a" and _ATTRIBUTE.fullmatch(line.value) is None:
        raise sdp_error(line, "expected a=<name> or a=<name>:<value>")
    return line


def _check_session_line(line: Line, index: int) -> None:
    """RFC 8866 section 5; what follows s= is accepted in any order, as some peers mix it."""
    if index < len(_FIRST_TYPES):
        if line.type != _FIRST_TYPES[index]:
            raise sdp_error(line, f"expected the {_FIRST_TYPES[index]}= line here")
    elif line.type in _FIRST_TYPES:
        raise sdp_error(line, "this line may come once only, at the beginning")
    if line.type not in _SESSION_TYPES:
        raise sdp_error(line, "there is no line of this type before the first m= line")
    if line.type == "v" and line.value.strip() != "0":
        raise sdp_error(line, "the version must be 0")
    if line.type == "o" and _ORIGIN.fullmatch(line.value.strip()) is None:
        raise sdp_error(line, "expected o=<user> <id> <version> IN IP4|IP6 <address>")


def _check_media_line(line: Line) -> None:
    if line.type not in _MEDIA_TYPES:
        raise sdp_error(line, "there is no line of this type in a media section")
