"""RM106: names and members that purertc does not have, or has in another form."""

import libcst as cst

from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.analysis.values import Legacy
from purertc_migrate.context import FileContext
from purertc_migrate.handlers.registrations import REGISTERING
from purertc_migrate.imports import split_root
from purertc_migrate.names import (
    DATA_NAMES,
    ENUM_MEMBERS,
    MEDIA_METHODS,
    MEMBERS,
    SIGNALING_MODULE,
    SIGNALING_NAMES,
)
from purertc_migrate.rules.base import Example, Rule
from purertc_migrate.rules.rm101_media import is_media_name
from purertc_migrate.rules.rm103_emitter import EMITTER_MEMBERS
from purertc_migrate.targets import new_class_name

__all__ = ["RULE"]

CANDIDATE_FUNCTIONS = frozenset({"sdp.candidate_from_sdp", "sdp.candidate_to_sdp"})
ASSIGNABLE = frozenset({"bufferedAmountLowThreshold"})
BUILT_ONCE = frozenset({"RTCIceCandidate"})


def _check(context: FileContext) -> None:
    for star in context.imports.stars:
        _block(context, star, "import * hides which names are used", "import the names one by one")
    for statement in context.imports.statements:
        if isinstance(statement, cst.ImportFrom):
            _check_from(context, statement)
    for node in context.table.scopes:
        if isinstance(node, cst.Attribute):
            _check_module_path(context, node)
            _check_member(context, node)
        elif isinstance(node, cst.AssignTarget | cst.AugAssign):
            _check_assignment(context, node)
        elif isinstance(node, cst.Call):
            _check_construction(context, node)
    _check_exports(context)


def _check_from(context: FileContext, statement: cst.ImportFrom) -> None:
    split = split_root(dotted_name(statement.module))
    if split is None or isinstance(statement.names, cst.ImportStar):
        return
    for alias in statement.names:
        name = dotted_name(alias.name) or ""
        if not is_media_name(split[1], name) and not _is_supported(f"{split[1]}.{name}"):
            _block(context, statement, f"purertc has no {name}", f"do without {name}")


def _is_supported(path: str) -> bool:
    path = path.lstrip(".")
    module, _, name = path.rpartition(".")
    if path == SIGNALING_MODULE:
        return True
    if module == SIGNALING_MODULE:
        return name in SIGNALING_NAMES
    if name in ENUM_MEMBERS.get(module.rpartition(".")[2], ()):
        return True
    return path in CANDIDATE_FUNCTIONS or new_class_name(path) is not None


def _check_module_path(context: FileContext, node: cst.Attribute) -> None:
    """`aiortc.X` must have a counterpart; longer paths are checked at their longest."""
    path = context.imports.path(node)
    parent = context.table.parents[node]
    if path is None or _inside_import(context, node):
        return
    longer = isinstance(parent, cst.Attribute) and parent.value is node
    if longer and new_class_name(path) is None:
        return
    if not is_media_name(*_split(path)) and not _is_supported(path):
        _block(context, node, f"purertc has no {path}", f"do without {path}")


def _split(path: str) -> tuple[str, str]:
    module, _, name = path.rpartition(".")
    return module, name


def _inside_import(context: FileContext, node: cst.CSTNode) -> bool:
    return any(
        isinstance(ancestor, cst.Import | cst.ImportFrom)
        for ancestor in context.table.ancestors(node)
    )


def _check_member(context: FileContext, node: cst.Attribute) -> None:
    name = node.attr.value
    kinds = context.kinds(node.value)
    if name == "__dict__" and kinds - {"description"}:
        _block(context, node, f"{context.code(node.value)} has no __dict__", "name the attributes")
    if not kinds or name.startswith("_") or name in REGISTERING | EMITTER_MEMBERS | MEDIA_METHODS:
        return
    names = {MEMBERS[kind][name] for kind in kinds if name in MEMBERS[kind]}
    if not names:
        kind = " or ".join(sorted(kinds))
        _block(context, node, f"a {kind} of purertc has no {name}", f"do without {name}")
    elif len(names) > 1 or (name in {"close", "send"} and "channel" in kinds and len(kinds) > 1):
        code = context.code(node.value)
        _block(context, node, f"{code} can be several kinds of objects", "use two variables")


def _check_assignment(context: FileContext, node: cst.AssignTarget | cst.AugAssign) -> None:
    target = node.target
    if not isinstance(target, cst.Attribute) or target in context.handled:
        return
    kinds = context.kinds(target.value) - {"candidate"}
    if kinds and target.attr.value not in ASSIGNABLE:
        kind = " or ".join(sorted(kinds))
        _block(
            context, node, f"{target.attr.value} of a {kind} cannot be assigned in purertc",
            "build a new object with the value, or keep it in a variable",
        )  # fmt: skip


def _check_construction(context: FileContext, node: cst.Call) -> None:
    for value in context.values(node.func):
        name = value.path.rsplit(".", 1)[-1] if isinstance(value, Legacy) else ""
        if name in BUILT_ONCE or name == "RTCDataChannel":
            new = DATA_NAMES[name]
            _block(
                context, node, f"{new} of purertc is not built from these arguments",
                "use candidate_from_sdp, or createDataChannel",
            )  # fmt: skip


def _check_exports(context: FileContext) -> None:
    """`__all__` and imports from other files of the run make a legacy name public."""
    imported = {name for _, name in context.imports.bindings}
    for node in context.table.scopes:
        if isinstance(node, cst.Assign) and any(
            isinstance(target.target, cst.Name) and target.target.value == "__all__"
            for target in node.targets
        ):
            names = node.value.elements if isinstance(node.value, cst.List | cst.Tuple) else ()
            for element in names:
                text = element.value
                if isinstance(text, cst.SimpleString) and text.raw_value in imported:
                    _block(
                        context, node, f"the module exports {text.raw_value} to others",
                        "let the other files import it themselves",
                    )  # fmt: skip
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            _check_reexport(context, node)


def _check_reexport(context: FileContext, node: cst.ImportFrom) -> None:
    if split_root(dotted_name(node.module)) is not None or context.inference is None:
        return
    scope = context.table.scopes[node]
    for alias in node.names:  # type: ignore[union-attr]
        local = alias.asname.name if alias.asname is not None else alias.name
        if not isinstance(local, cst.Name):
            continue
        values = context.inference.evaluator.name(context, scope, local.value)
        if any(isinstance(value, Legacy) for value in values):
            _block(
                context, node, f"{local.value} of aiortc comes from another file",
                f"import {local.value} from aiortc here",
            )  # fmt: skip


def _block(context: FileContext, node: cst.CSTNode, reason: str, unblock: str) -> None:
    context.block(node, "RM106", reason, unblock)


RULE = Rule(
    id="RM106",
    slug="unsupported",
    title="What purertc does not have",
    explanation=(
        "A name, member or argument without counterpart, or an assignment to an object that "
        "cannot be changed in purertc, keeps the file on compat."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection


def limit(pc: RTCPeerConnection):
    return pc.sctp.maxMessageSize
""",
            after="""\
from purertc_compat import RTCPeerConnection


def limit(pc: RTCPeerConnection):
    # TODO(rtc-migrate) RM106: stays on purertc_compat: a pc of purertc has no sctp; to unblock, do without sctp.
    return pc.sctp.maxMessageSize
""",  # noqa: E501
        ),
    ),
    check=_check,
)
