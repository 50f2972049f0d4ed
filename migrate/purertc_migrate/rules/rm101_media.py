"""RM101: tracks, players and transceivers stay on compat."""

import libcst as cst

from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.context import FileContext
from purertc_migrate.handlers.registrations import registration_calls
from purertc_migrate.imports import split_root
from purertc_migrate.names import MEDIA_METHODS, MEDIA_MODULES
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE", "is_media_name"]

UNBLOCK = "move the part that needs media to a program of its own"
MEDIA_NAMES = ("AudioStreamTrack", "MediaStream", "RTCRtp", "VideoStreamTrack")


def is_media_name(module: str, name: str) -> bool:
    """Tell whether an import of aiortc is about media."""
    path = f"{module}.{name}".lstrip(".")
    return path.startswith(MEDIA_MODULES) or name.startswith(MEDIA_NAMES)


def _check(context: FileContext) -> None:
    for statement in context.imports.statements:
        if isinstance(statement, cst.ImportFrom) and not isinstance(
            statement.names, cst.ImportStar
        ):
            split = split_root(dotted_name(statement.module))
            module = split[1] if split is not None else ""
            for alias in statement.names:
                name = dotted_name(alias.name) or ""
                if is_media_name(module, name):
                    _block(context, statement, name)
    for node in context.table.scopes:
        if not isinstance(node, cst.Attribute):
            continue
        path = context.imports.path(node)
        is_name = path is not None and is_media_name(*_split(path))
        if is_name or (node.attr.value in MEDIA_METHODS and "pc" in context.kinds(node.value)):
            _block(context, node, node.attr.value)
    for call, function, event in registration_calls(context):
        if event == "track" and "pc" in context.kinds(function.value):
            _block(context, call, 'the event "track"')


def _split(path: str) -> tuple[str, str]:
    module, _, name = path.rpartition(".")
    return module, name


def _block(context: FileContext, node: cst.CSTNode, what: str) -> None:
    context.block(node, "RM101", f"purertc has no media yet ({what})", UNBLOCK)


RULE = Rule(
    id="RM101",
    slug="media",
    title="Media stays on compat",
    explanation=(
        "purertc moves data channels; tracks, players, recorders and transceivers are not there "
        "yet. A file that uses them gets compat's imports and one TODO, because the objects of "
        "the two packages do not mix on one connection."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection
from aiortc.contrib.media import MediaPlayer


def play(pc: RTCPeerConnection):
    pc.addTrack(MediaPlayer("a.mp4").video)
""",
            after="""\
from purertc_compat import RTCPeerConnection
# TODO(rtc-migrate) RM101: stays on purertc_compat: purertc has no media yet (MediaPlayer); to unblock, move the part that needs media to a program of its own.
from purertc_compat.contrib.media import MediaPlayer


def play(pc: RTCPeerConnection):
    pc.addTrack(MediaPlayer("a.mp4").video)
""",  # noqa: E501
        ),
    ),
    check=_check,
)
