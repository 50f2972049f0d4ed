"""RM105: private attributes and patches of aiortc."""

import libcst as cst

from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.analysis.values import Legacy
from purertc_migrate.context import FileContext
from purertc_migrate.imports import module_string_arguments, split_root
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]

REFLECTING = frozenset({"delattr", "getattr", "hasattr", "setattr", "vars"})


def _check(context: FileContext) -> None:
    for node in context.table.scopes:
        if isinstance(node, cst.Attribute) and node.attr.value.startswith("_"):
            if context.kinds(node.value) and not node.attr.value.endswith("__"):
                _block(context, node, f"reads the private attribute {node.attr.value}")
        elif isinstance(node, cst.AssignTarget) and isinstance(node.target, cst.Attribute):
            owners = context.values(node.target.value)
            if any(isinstance(owner, Legacy) for owner in owners):
                _block(context, node, f"patches {context.code(node.target)}")
        elif isinstance(node, cst.Call) and dotted_name(node.func) in REFLECTING and node.args:
            target = node.args[0].value
            legacy = any(isinstance(value, Legacy) for value in context.values(target))
            if legacy or context.kinds(target):
                _block(context, node, "names an attribute at run time")
    for string in module_string_arguments(context.table):
        if isinstance(string.raw_value, str) and split_root(string.raw_value) is not None:
            _block(context, string, "names a part of aiortc in a string")


def _block(context: FileContext, node: cst.CSTNode, what: str) -> None:
    context.block(node, "RM105", what, "use the public API, or ask for what is missing there")


RULE = Rule(
    id="RM105",
    slug="internals",
    title="Private attributes and patches",
    explanation="What the program reaches into does not exist in purertc.",
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection


def count(pc: RTCPeerConnection):
    return len(pc._RTCPeerConnection__transceivers)
""",
            after="""\
from purertc_compat import RTCPeerConnection


def count(pc: RTCPeerConnection):
    # TODO(rtc-migrate) RM105: stays on purertc_compat: reads the private attribute _RTCPeerConnection__transceivers; to unblock, use the public API, or ask for what is missing there.
    return len(pc._RTCPeerConnection__transceivers)
""",  # noqa: E501
        ),
    ),
    check=_check,
)
