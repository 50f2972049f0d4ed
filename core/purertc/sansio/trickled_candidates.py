"""Remote candidates that came after their description, as lines of it (W3C section 4.4.1.9)."""

import contextlib

from purertc.errors import SdpError
from purertc.sansio.description import SessionDescription
from purertc.wire.candidate import Candidate, candidate_text
from purertc.wire.sdp import Line, SessionDescriptionModel

__all__ = ["TrickledCandidates"]

_MAX_LINES = 100
_END = "end-of-candidates"


class TrickledCandidates:
    """What one remote description has to show beside its own text; at most 100 candidates.

    The text is put together when it is read, so that a flood of candidates costs little.
    """

    __slots__ = ("_lines", "_rendered")

    def __init__(self) -> None:
        self._lines: dict[tuple[int, str], None] = {}
        self._rendered: SessionDescription | None = None

    def add(self, index: int, candidate: Candidate | str) -> None:
        """Show a candidate in the section of this index, once; an empty one says it was the last.

        Raises SdpError when it is no candidate (RFC 8840 section 4.1 for the end).
        """
        line = (index, candidate_text(candidate) if candidate else _END)
        if line not in self._lines and (not candidate or len(self._lines) < _MAX_LINES):
            self._lines[line] = None
            self._rendered = None

    def shown_in(self, description: SessionDescription) -> SessionDescription:
        """Return the description with everything added so far."""
        if not self._lines:
            return description
        if self._rendered is None:
            model = SessionDescriptionModel.parse(description.sdp)
            known = [set(map(_shown_line, media.lines)) for media in model.media]
            # The end comes last, whatever came after it.
            for index, text in sorted(self._lines, key=lambda line: line[1] == _END):
                if text not in known[index]:
                    model.media[index].lines.append(Line("a", text))
            self._rendered = SessionDescription(description.type, str(model))
        return self._rendered


def _shown_line(line: Line) -> str:
    """Return an attribute in the form that candidates have here."""
    if line.type == "a" and line.name == "candidate":
        with contextlib.suppress(SdpError):
            return str(Candidate.parse(line.value))
    return line.value
