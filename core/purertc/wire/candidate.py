"""The candidate attribute of SDP (RFC 8839 section 5.1)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from purertc.errors import SdpError

__all__ = ["Candidate", "candidate_text"]

_MAX_LENGTH: Final = 1024
_PREFIX: Final = re.compile(r"\A(a=)?candidate:", re.IGNORECASE)
_USUAL_PREFIX: Final = "candidate:"
_MAX_TOKEN: Final = 256
_TOKEN: Final = re.compile(rf"[!-~]{{1,{_MAX_TOKEN}}}")
_FOUNDATION: Final = re.compile(r"[!-~]{1,32}")
_MAX_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to reach an agent.

    ``transport`` and ``type`` are in lower case. ``host`` is what the attribute says: a numeric
    address or, behind mDNS, a name. ``related_host`` and ``related_port`` are the ``raddr`` and
    ``rport`` of candidates that are no host candidates; ``tcp_type`` is from RFC 6544 and
    ``username_fragment`` the ``ufrag`` extension of RFC 8839 section 5.1.
    """

    foundation: str
    component: int
    transport: str
    priority: int
    host: str
    port: int
    type: str
    related_host: str | None = None
    related_port: int | None = None
    tcp_type: str | None = None
    username_fragment: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``candidate:…``, with or without the ``a=`` and ``candidate:`` in front.

        Extensions that are not known are left out. Raises SdpError that names what is wrong.
        """
        if len(text) > _MAX_LENGTH:
            raise SdpError("a candidate is longer than 1024 characters")
        stripped = text.strip()
        if stripped.startswith(_USUAL_PREFIX):
            words = stripped[len(_USUAL_PREFIX) :].split()
        else:
            words = _PREFIX.sub("", stripped, count=1).split()
        if len(words) < 8 or words[6].lower() != "typ":
            raise SdpError(
                f"the candidate {text!r} lacks 'foundation component transport priority "
                "address port typ type'"
            )
        if not _FOUNDATION.fullmatch(words[0]):
            raise SdpError(f"the foundation in {text!r} must be 1 to 32 visible ASCII characters")
        if not (stripped.isascii() and stripped.isprintable()) or len(stripped) > _MAX_TOKEN:
            _check_tokens(words, text)
        extensions = {
            name.lower(): value for name, value in zip(words[8::2], words[9::2], strict=False)
        }
        return cls(
            foundation=words[0],
            component=_number(words[1], "component", text, 1, 256),
            transport=words[2].lower(),
            priority=_number(words[3], "priority", text, 0, 0xFFFFFFFF),
            host=words[4],
            port=_number(words[5], "port", text, 0, 65535),
            type=words[7].lower(),
            related_host=extensions.get("raddr"),
            related_port=_optional_port(extensions, "rport", text),
            tcp_type=extensions.get("tcptype"),
            username_fragment=extensions.get("ufrag"),
        )

    def __str__(self) -> str:
        """Return the attribute as ``candidate:…``, the form that is signalled."""
        text = (
            f"candidate:{self.foundation} {self.component} {self.transport} {self.priority} "
            f"{self.host} {self.port} typ {self.type}"
        )
        extensions = (
            ("raddr", self.related_host),
            ("rport", self.related_port),
            ("tcptype", self.tcp_type),
            ("ufrag", self.username_fragment),
        )
        return text + "".join(f" {name} {value}" for name, value in extensions if value is not None)


def candidate_text(candidate: Candidate | str) -> str:
    """Return a candidate in the one form that ours have. Raises SdpError for what is none."""
    return str(Candidate.parse(candidate) if isinstance(candidate, str) else candidate)


def _check_tokens(words: Sequence[str], text: str) -> None:
    for word in words:
        if not _TOKEN.fullmatch(word):
            raise SdpError(f"{word!r} in the candidate {text!r} is no visible ASCII")


def _number(word: str, name: str, text: str, low: int, high: int) -> int:
    if word.isascii() and word.isdigit() and len(word) <= _MAX_DIGITS:
        number = int(word)
        if low <= number <= high:
            return number
    raise SdpError(f"the {name} in {text!r} must be a number from {low} to {high}")


def _optional_port(extensions: Mapping[str, str], name: str, text: str) -> int | None:
    word = extensions.get(name)
    return None if word is None else _number(word, name, text, 0, 65535)
