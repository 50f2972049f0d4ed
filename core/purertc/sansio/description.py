"""Descriptions and candidates as applications exchange them (W3C webrtc-pc section 4.7, 4.8).

Both are plain values. Their JSON forms are the dictionaries that browsers make and take, so
what one side signals the other can read whatever it is written in.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from purertc.errors import ArgumentError
from purertc.sansio.types import SdpType

__all__ = ["IceCandidate", "SessionDescription"]


def _read_json(data: Mapping[str, object] | str, what: str) -> Mapping[str, object]:
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            raise ArgumentError(f"the {what} is not valid JSON") from None
    if not isinstance(data, Mapping):
        raise ArgumentError(f"the {what} must be a JSON object, not {type(data).__name__}")
    return data


@dataclass(frozen=True, slots=True, init=False)
class SessionDescription:
    """One end of a connection as text: ``type`` says what it is, ``sdp`` holds the description.

    ``type`` may be given as a string. ``sdp`` stays empty for a rollback. Raises ArgumentError
    for another type, or when ``sdp`` is not a string. The text itself is read when the
    description is applied (W3C webrtc-pc section 4.7.2).
    """

    type: SdpType
    sdp: str

    def __init__(self, type: SdpType | str, sdp: str = "") -> None:
        try:
            checked = SdpType(type)
        except ValueError:
            allowed = ", ".join(SdpType)
            raise ArgumentError(f"type must be one of {allowed}, not {type!r}") from None
        if not isinstance(sdp, str):
            raise ArgumentError("sdp must be a string")
        object.__setattr__(self, "type", checked)
        object.__setattr__(self, "sdp", sdp)

    def to_json(self) -> dict[str, str]:
        """Return ``{"type": …, "sdp": …}``, ready for :func:`json.dumps`."""
        return {"type": self.type.value, "sdp": self.sdp}

    @classmethod
    def from_json(cls, data: Mapping[str, object] | str) -> Self:
        """Read the browser's dictionary, or its JSON text. Other keys are ignored.

        Raises ArgumentError when ``type`` or ``sdp`` is missing or wrong; a rollback needs no
        ``sdp``.
        """
        fields = _read_json(data, "session description")
        kind, sdp = fields.get("type"), fields.get("sdp", "")
        if not isinstance(kind, str):
            raise ArgumentError("the session description has no 'type' string")
        if not isinstance(sdp, str) or (not sdp and kind != SdpType.ROLLBACK):
            raise ArgumentError("the session description has no 'sdp' string")
        return cls(kind, sdp)


@dataclass(frozen=True, slots=True)
class IceCandidate:
    """A candidate for one media section, as signalled (W3C webrtc-pc section 4.8.1).

    ``candidate``
        The text after ``a=``; empty when it says that no more candidates follow.
    ``sdp_mid``, ``sdp_m_line_index``
        The section by its mid, or by its index counted from 0.
    ``username_fragment``
        The ICE generation it belongs to, if the sender said so.

    Raises ArgumentError for fields of a wrong type or an index outside 0 to 65535.
    """

    candidate: str = ""
    sdp_mid: str | None = None
    sdp_m_line_index: int | None = None
    username_fragment: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.candidate, str):
            raise ArgumentError("candidate must be a string")
        for name in ("sdp_mid", "username_fragment"):
            if not isinstance(getattr(self, name), str | None):
                raise ArgumentError(f"{name} must be a string or None")
        index = self.sdp_m_line_index
        if index is None:
            return
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index <= 65535:
            raise ArgumentError("sdp_m_line_index must be a number from 0 to 65535, or None")

    def to_json(self) -> dict[str, str | int | None]:
        """Return the browser's dictionary, ready for :func:`json.dumps`."""
        return {
            "candidate": self.candidate,
            "sdpMid": self.sdp_mid,
            "sdpMLineIndex": self.sdp_m_line_index,
            "usernameFragment": self.username_fragment,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object] | str) -> Self:
        """Read the browser's dictionary, or its JSON text. Other keys are ignored.

        Missing keys count as None, a missing candidate as "no more candidates". Raises
        ArgumentError for values of a wrong type.
        """
        fields = _read_json(data, "candidate")
        candidate = fields.get("candidate")
        return cls(
            "" if candidate is None else candidate,  # type: ignore[arg-type]  # checked by __post_init__
            fields.get("sdpMid"),  # type: ignore[arg-type]
            fields.get("sdpMLineIndex"),  # type: ignore[arg-type]
            fields.get("usernameFragment"),  # type: ignore[arg-type]
        )
