"""RM108: connections and channels that are handed to code outside of the run."""

import builtins

import libcst as cst

from purertc_migrate.analysis.evaluation import STORERS
from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.context import FileContext
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]

HARMLESS_METHODS = STORERS | frozenset({"add_done_callback", "call_at", "call_later", "call_soon",
    "call_soon_threadsafe", "critical", "debug", "discard", "error", "exception", "extend",
    "format", "get", "index", "info", "log", "on", "pop", "remove", "run_in_executor",
    "run_until_complete", "send", "setRemoteDescription", "setLocalDescription",
    "addIceCandidate", "update", "warning", "write"})  # fmt: skip
HARMLESS_MODULES = frozenset({"asyncio", "collections", "contextlib", "copy", "functools",
    "itertools", "json", "logging", "sys", "threading", "time", "typing", "weakref"})  # fmt: skip


def _check(context: FileContext) -> None:
    for node in context.table.scopes:
        if not isinstance(node, cst.Call) or _is_harmless(context, node):
            continue
        for argument in node.args:
            kinds = context.kinds(argument.value) & {"pc", "channel", "signaling"}
            if kinds:
                function = context.code(node.func)
                context.block(
                    node, "RM108",
                    f"{context.code(argument.value)} is handed to {function}, which is not part "
                    "of this run",
                    f"migrate the file of {function} in the same run",
                )  # fmt: skip


def _is_harmless(context: FileContext, node: cst.Call) -> bool:
    if context.values(node.func):
        return True
    name = dotted_name(node.func)
    if isinstance(node.func, cst.Attribute):
        if node.func.attr.value in HARMLESS_METHODS:
            return True
        return name is not None and name.split(".", 1)[0] in HARMLESS_MODULES
    if not isinstance(node.func, cst.Name):
        return False
    scope = context.table.scopes[node.func].resolve(node.func.value)
    if scope is None:
        return hasattr(builtins, node.func.value)
    return _from_standard_library(context, node.func.value)


def _from_standard_library(context: FileContext, name: str) -> bool:
    for node in context.table.scopes:
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            module = (dotted_name(node.module) or "").split(".", 1)[0]
            names = {dotted_name(alias.name) for alias in node.names}
            if name in names and module in HARMLESS_MODULES and not node.relative:
                return True
    return False


RULE = Rule(
    id="RM108",
    slug="escapes",
    title="Objects handed to code outside of the run",
    explanation=(
        "A library, or a file that was not among those given, expects an object of aiortc and "
        "would get one of purertc. Pass all files of the program at once."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection
from elsewhere import instrument


def connect():
    pc = RTCPeerConnection()
    instrument(pc)
    return pc
""",
            after="""\
from purertc_compat import RTCPeerConnection
from elsewhere import instrument


def connect():
    pc = RTCPeerConnection()
    # TODO(rtc-migrate) RM108: stays on purertc_compat: pc is handed to instrument, which is not part of this run; to unblock, migrate the file of instrument in the same run.
    instrument(pc)
    return pc
""",  # noqa: E501
        ),
    ),
    check=_check,
)
