"""RM001: imports of aiortc become imports of purertc_compat."""

import libcst as cst

from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.context import FileContext
from purertc_migrate.imports import (
    annotation_strings,
    module_string_arguments,
    rename_root,
    split_root,
)
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]

LEGACY = "aiortc"
COMPAT = "purertc_compat"


def _plan(context: FileContext) -> None:
    for statement in context.imports.statements:
        if isinstance(statement, cst.ImportFrom):
            _rewrite_from(context, statement)
        else:
            _rewrite_plain(context, statement)
    for scope, name in context.imports.bindings:
        if name == LEGACY and context.imports.bindings[scope, name] == "":
            for reference in context.imports.references(scope, name):
                context.plan.edit(reference, lambda node: rename_root(node, COMPAT))
    _rewrite_strings(context)


def _rewrite_from(context: FileContext, statement: cst.ImportFrom) -> None:
    module = statement.module
    if module is None or not _is_legacy(module):
        return
    context.plan.edit(module, lambda node: rename_root(node, COMPAT))
    context.site(statement, "RM001", Verdict.SAFE, "import from purertc_compat")


def _rewrite_plain(context: FileContext, statement: cst.Import) -> None:
    for alias in statement.names:
        if _is_legacy(alias.name):
            context.plan.edit(alias.name, lambda node: rename_root(node, COMPAT))
            context.site(statement, "RM001", Verdict.SAFE, "import purertc_compat")


def _is_legacy(node: cst.CSTNode) -> bool:
    split = split_root(dotted_name(node))
    return split is not None and split[0] == LEGACY


def _rewrite_strings(context: FileContext) -> None:
    """Rewrite names of modules that stand in strings: annotations, patches, look-ups."""
    for node in annotation_strings(context.table):
        _rewrite_string(context, node)
    for node in module_string_arguments(context.table):
        _rewrite_string(context, node)


def _rewrite_string(context: FileContext, node: cst.SimpleString) -> None:
    body = node.raw_value
    if body == LEGACY or body.startswith(f"{LEGACY}."):
        value = node.value.replace(LEGACY, COMPAT, 1)
        context.plan.edit(node, lambda string: string.with_changes(value=value))
        context.site(node, "RM001", Verdict.SAFE, "name of the module in a string")


RULE = Rule(
    id="RM001",
    slug="compat-imports",
    title="Imports of aiortc become imports of purertc_compat",
    explanation=(
        "The first of the two levels (`--to compat`): the program keeps aiortc's API and runs "
        "on purertc. Only the root of the import changes: deep imports, lazy imports, imports "
        "for type checking, aliases and the names of modules in strings follow it. Files that "
        "cannot go to the new API as a whole are left on this level."
    ),
    examples=(
        Example(
            target="compat",
            before="""\
from aiortc import RTCPeerConnection  # the connection
from aiortc.contrib.signaling import BYE

pc = RTCPeerConnection()
""",
            after="""\
from purertc_compat import RTCPeerConnection  # the connection
from purertc_compat.contrib.signaling import BYE

pc = RTCPeerConnection()
""",
        ),
        Example(
            target="compat",
            before="""\
import aiortc
import aiortc.sdp as sdp


def connect() -> "aiortc.RTCPeerConnection":
    from aiortc.rtcdatachannel import RTCDataChannel

    return aiortc.RTCPeerConnection()
""",
            after="""\
import purertc_compat
import purertc_compat.sdp as sdp


def connect() -> "purertc_compat.RTCPeerConnection":
    from purertc_compat.rtcdatachannel import RTCDataChannel

    return purertc_compat.RTCPeerConnection()
""",
        ),
        Example(
            target="compat",
            before="""\
try:
    import aiortc
except ImportError:
    aiortc = None

available = aiortc is not None
""",
            after="""\
try:
    import purertc_compat
except ImportError:
    purertc_compat = None

available = purertc_compat is not None
""",
        ),
    ),
    plan_compat=_plan,
)
