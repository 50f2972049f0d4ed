"""RM002: classes get their purertc names, in imports, calls, annotations and checks."""

import re

import libcst as cst

from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.context import FileContext
from purertc_migrate.imports import annotation_strings, split_root
from purertc_migrate.names import LEGACY_ROOTS, SIGNALING_MODULE
from purertc_migrate.plan import Edit, Statement
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule
from purertc_migrate.targets import new_class_name

__all__ = ["RULE"]

# Functions that disappear: what they did is done by a constructor or an attribute.
DROPPED = frozenset({"sdp.candidate_from_sdp", "sdp.candidate_to_sdp"})


def _plan(context: FileContext) -> None:
    for statement in context.imports.statements:
        if isinstance(statement, cst.ImportFrom):
            _rewrite_from(context, statement)
        else:
            _rewrite_plain(context, statement)
    for (scope, name), path in context.imports.bindings.items():
        new = new_class_name(path)
        if new is not None and name == path.rsplit(".", 1)[-1]:
            _rename_references(context, scope, name, new)
        elif path == "" and name in LEGACY_ROOTS:
            for reference in context.imports.references(scope, name):
                context.plan.edit(reference, lambda node: node.with_changes(value="purertc"))
    _rewrite_dotted(context)
    for string in annotation_strings(context.table):
        _rewrite_string(context, string)


def _rename_references(context: FileContext, scope: object, name: str, new: str) -> None:
    if context.targets is None:
        return
    local = context.targets.local(new)
    for bound, bound_name in context.imports.bindings:
        if bound is scope and bound_name == name:
            for reference in context.imports.references(bound, name):
                context.plan.edit(reference, lambda node: node.with_changes(value=local))


def _rewrite_from(context: FileContext, statement: cst.ImportFrom) -> None:
    split = split_root(dotted_name(statement.module))
    if split is None or isinstance(statement.names, cst.ImportStar):
        return
    module = _new_module(split[1])
    kept = [
        alias
        for alias in statement.names
        if f"{split[1]}.{dotted_name(alias.name)}".lstrip(".") not in DROPPED
    ]
    context.site(statement, "RM002", Verdict.SAFE, f"import from {module}")
    if not kept:
        _remove_statement(context, statement)
        return
    for alias in kept:
        _rewrite_alias(context, alias)
    dropped = len(kept) < len(statement.names)

    def edit(node: cst.CSTNode) -> cst.CSTNode:
        changed = node.with_changes(module=_expression(module))
        if dropped and isinstance(changed, cst.ImportFrom):
            names = [alias for alias in changed.names if _new_or_kept(alias)]  # type: ignore[union-attr]
            names[-1] = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            changed = changed.with_changes(names=names)
        return changed

    context.plan.edits[statement].insert(0, edit)


def _new_module(legacy: str) -> str:
    """Return the module of purertc for one of aiortc, below the root."""
    return "purertc.signaling" if legacy == SIGNALING_MODULE else "purertc"


def _new_or_kept(alias: cst.ImportAlias) -> bool:
    return dotted_name(alias.name) not in {path.rsplit(".", 1)[-1] for path in DROPPED}


def _rewrite_alias(context: FileContext, alias: cst.ImportAlias) -> None:
    new = new_class_name(dotted_name(alias.name) or "")
    if new is None or context.targets is None:
        return
    local = context.targets.local(new)
    asname = alias.asname
    if asname is None and local != new:
        asname = cst.AsName(cst.Name(local))
    context.plan.edit(alias, lambda node: node.with_changes(name=cst.Name(new), asname=asname))


def _remove_statement(context: FileContext, statement: cst.ImportFrom) -> None:
    line = context.table.statement(statement)
    block = context.table.parents[line]

    def remove(lines: dict[cst.CSTNode, list[Statement]]) -> None:
        keys = list(lines)
        following = keys[keys.index(line) + 1 :]
        comments = [
            leading for leading in lines[line][0].leading_lines if leading.comment is not None
        ]
        lines[line] = []
        if comments and following and lines[following[0]]:
            first, *rest = lines[following[0]]
            leading = [*comments, *first.leading_lines]
            lines[following[0]] = [first.with_changes(leading_lines=leading), *rest]

    context.plan.edit_block(block, remove)


def _rewrite_plain(context: FileContext, statement: cst.Import) -> None:
    for alias in statement.names:
        split = split_root(dotted_name(alias.name))
        if split is None:
            continue
        module = _new_module(split[1])
        context.plan.edit(alias, _module_changer(module))
        context.site(statement, "RM002", Verdict.SAFE, f"import {module}")


def _module_changer(module: str) -> Edit:
    return lambda node: node.with_changes(name=_expression(module))


def _expression(dotted: str) -> cst.BaseExpression:
    return cst.parse_expression(dotted)


def _rewrite_dotted(context: FileContext) -> None:
    """Rewrite `aiortc.RTCPeerConnection` and `aiortc.contrib.signaling.BYE`."""
    for node in list(context.table.scopes):
        if not isinstance(node, cst.Attribute) or _in_import(context, node):
            continue
        path = context.imports.path(node)
        if path is None:
            continue
        new = new_class_name(path)
        root = _root(node)
        keeps_alias = context.imports.path(root) is not None and root.value not in {
            "aiortc",
            "purertc_compat",
        }
        if new is not None:
            base = root.value if keeps_alias else "purertc"
            _replace(context, node, f"{base}.{new}")
        elif path.startswith(f"{SIGNALING_MODULE}.") and path.count(".") == 2:
            base = f"{root.value}" if keeps_alias else "purertc.signaling"
            if keeps_alias and context.imports.path(root) == "":
                base = f"{root.value}.signaling"
            _replace(context, node, f"{base}.{path.rsplit('.', 1)[-1]}")


def _replace(context: FileContext, node: cst.Attribute, text: str) -> None:
    def edit(updated: cst.CSTNode) -> cst.CSTNode:
        new = _expression(text)
        if isinstance(updated, cst.Attribute):
            return new.with_changes(lpar=updated.lpar, rpar=updated.rpar)
        return new

    context.plan.edit(node, edit)


def _root(node: cst.Attribute) -> cst.Name:
    current: cst.BaseExpression = node
    while isinstance(current, cst.Attribute):
        current = current.value
    if not isinstance(current, cst.Name):
        raise TypeError("not a dotted name")
    return current


def _in_import(context: FileContext, node: cst.CSTNode) -> bool:
    return any(
        isinstance(ancestor, cst.Import | cst.ImportFrom)
        for ancestor in context.table.ancestors(node)
    )


def _rewrite_string(context: FileContext, node: cst.SimpleString) -> None:
    """Rename inside a quoted annotation."""
    text = node.raw_value
    for (_, name), path in context.imports.bindings.items():
        new = new_class_name(path)
        if new is not None and context.targets is not None and name == path.rsplit(".", 1)[-1]:
            text = _replace_word(text, name, context.targets.local(new))
        elif path == "":
            module = "purertc" if name in {"aiortc", "purertc_compat"} else name
            for word in _words(text, f"{name}."):
                renamed = new_class_name(word)
                if renamed is not None:
                    text = text.replace(f"{name}.{word}", f"{module}.{renamed}")
    if text != node.raw_value:
        value = node.value.replace(node.raw_value, text)
        context.plan.edit(node, lambda string: string.with_changes(value=value))
        context.site(node, "RM002", Verdict.SAFE, "name in a quoted annotation")


def _words(text: str, prefix: str) -> list[str]:
    return re.findall(rf"\b{re.escape(prefix)}(\w+)", text)


def _replace_word(text: str, word: str, new: str) -> str:
    return re.sub(rf"(?<![\w.]){re.escape(word)}\b", new, text)


RULE = Rule(
    id="RM002",
    slug="names",
    title="Classes lose the RTC prefix and come from purertc",
    explanation=(
        "`RTCPeerConnection` becomes `PeerConnection`, `RTCDataChannel` becomes `DataChannel`, "
        "and so on, wherever they occur: imports (deep, lazy, optional or for type checking "
        "only), annotations, quoted annotations, `isinstance`. A new name that the file uses for "
        "something else is imported under an alias. The helpers of `aiortc.contrib.signaling` "
        "come from `purertc.signaling`; they speak the same format."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCDataChannel, RTCPeerConnection, RTCSessionDescription


def describe(thing: "RTCPeerConnection | None") -> bool:
    return isinstance(thing, (RTCDataChannel, RTCSessionDescription))
""",
            after="""\
from purertc import DataChannel, PeerConnection, SessionDescription


def describe(thing: "PeerConnection | None") -> bool:
    return isinstance(thing, (DataChannel, SessionDescription))
""",
        ),
        Example(
            before="""\
import aiortc
import aiortc.contrib.signaling

pc = aiortc.RTCPeerConnection()
bye = aiortc.contrib.signaling.BYE
""",
            after="""\
import purertc
import purertc.signaling

pc = purertc.PeerConnection()
bye = purertc.signaling.BYE
""",
        ),
        Example(
            before="""\
from aiortc.rtcpeerconnection import RTCPeerConnection
from aiortc.rtcconfiguration import RTCConfiguration


class Configuration:
    pass


def connect():
    return RTCPeerConnection(configuration=RTCConfiguration(iceServers=[]))
""",
            after="""\
from purertc import PeerConnection
from purertc import Configuration as PurertcConfiguration


class Configuration:
    pass


def connect():
    return PeerConnection(configuration=PurertcConfiguration(ice_servers=[]))
""",
        ),
    ),
    plan=_plan,
)
