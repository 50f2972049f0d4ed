"""One warning for each place in a program that still calls aiortc's API.

``PURERTC_COMPAT_WARNINGS`` in the environment chooses: ``once`` (the default, once per call site),
``off``, or ``error`` (every such call raises the warning).
"""

import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from types import FrameType
from typing import Final

__all__ = ["RULES", "PurertcDeprecationWarning", "Rule", "set_mode", "user_frame", "warn_legacy"]


class PurertcDeprecationWarning(FutureWarning):
    """A call of aiortc's API that ``rtc-migrate`` can rewrite, or that needs a hand.

    A FutureWarning, because those are shown to the people who run a program, not only to the
    authors of its ``__main__``.
    """


@dataclass(frozen=True, slots=True)
class Rule:
    """What to write instead of a legacy call, and the rule of rtc-migrate that writes it."""

    id: str
    instead: str
    since: str = "0.1"


RULES: Final = {
    "RTCPeerConnection": Rule("RM002", "purertc.PeerConnection"),
    "RTCPeerConnection.on": Rule("RM007", "a PeerConnectionHandler, given or attached"),
    "RTCPeerConnection.createDataChannel": Rule("RM004", "PeerConnection.create_data_channel()"),
    "RTCPeerConnection.createOffer": Rule("RM003", "await PeerConnection.create_offer()"),
    "RTCPeerConnection.createAnswer": Rule("RM003", "await PeerConnection.create_answer()"),
    "RTCPeerConnection.setLocalDescription": Rule(
        "RM005", "await PeerConnection.set_local_description(), then gathering_complete()"
    ),
    "RTCPeerConnection.setRemoteDescription": Rule(
        "RM003", "await PeerConnection.set_remote_description()"
    ),
    "RTCPeerConnection.addIceCandidate": Rule("RM003", "await PeerConnection.add_ice_candidate()"),
    "RTCPeerConnection.close": Rule("RM003", "await PeerConnection.close(), or async with"),
    "RTCDataChannel.on": Rule("RM008", "'async for message in channel', or a DataChannelHandler"),
    "RTCDataChannel.send": Rule("RM009", "await DataChannel.send(), or send_nowait()"),
    "RTCDataChannel.close": Rule("RM009", "await DataChannel.close()"),
    "candidate_from_sdp": Rule("RM012", "purertc.IceCandidate"),
    "candidate_to_sdp": Rule("RM012", "purertc.IceCandidate"),
    "create_signaling": Rule("RM002", "purertc.signaling.create_signaling()"),
}

_OWN_FILES: Final = str(Path(__file__).parent) + os.sep
_PYEE_FILES: Final = os.sep + "pyee" + os.sep
_ASYNCIO_FILES: Final = os.sep + "asyncio" + os.sep

_MODES: Final = ("once", "off", "error")


class _Setting:
    """The chosen mode and the call sites that were warned about."""

    def __init__(self, mode: str) -> None:
        self.mode = mode if mode in _MODES else "once"
        self.seen: set[tuple[int, int, str]] = set()


_setting = _Setting(os.environ.get("PURERTC_COMPAT_WARNINGS", "once").strip().lower())


def set_mode(mode: str) -> str:
    """Set ``once``, ``off`` or ``error`` for this process and forget the sites seen so far.

    Returns the mode that applied before. Raises ValueError for any other word.
    """
    if mode not in _MODES:
        raise ValueError(f"the mode of the warnings is one of {', '.join(_MODES)}, not {mode!r}")
    before = _setting.mode
    _setting.mode = mode
    _setting.seen.clear()
    return before


def user_frame() -> FrameType | None:
    """Return the innermost frame that belongs to neither us, pyee nor asyncio."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        filename = frame.f_code.co_filename
        if not (
            filename.startswith((_OWN_FILES, "<frozen"))
            or _PYEE_FILES in filename
            or _ASYNCIO_FILES in filename
        ):
            return frame
        frame = frame.f_back
    return None


def warn_legacy(name: str) -> None:
    """Warn that the program uses ``name``, unless this place in it was warned about.

    Raises PurertcDeprecationWarning in the mode ``error``.
    """
    if _setting.mode == "off":
        return
    frame = user_frame()
    if frame is None:
        return
    site = (id(frame.f_code), frame.f_lasti, name)
    if _setting.mode == "once" and site in _setting.seen:
        return
    _setting.seen.add(site)
    filename = frame.f_code.co_filename
    message = _describe(name, filename)
    if _setting.mode == "error":
        raise PurertcDeprecationWarning(message)
    warnings.warn_explicit(
        message,
        PurertcDeprecationWarning,
        filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__", "<unknown>"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _describe(name: str, filename: str) -> str:
    rule = RULES[name]
    return (
        f"{name} is aiortc's API, deprecated since purertc {rule.since}. "
        f"Use {rule.instead} instead [{rule.id}]. "
        f"To rewrite it: rtc-migrate --to purertc --write {quote(filename)}"
    )
