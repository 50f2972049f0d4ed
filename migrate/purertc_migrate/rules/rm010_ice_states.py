"""RM010: comparisons with ICE states that aiortc and purertc report differently."""

import libcst as cst

from purertc_migrate.context import FileContext
from purertc_migrate.plan import Edit
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]

STATES = frozenset({"connectionState", "iceConnectionState"})


def _plan(context: FileContext) -> None:
    for node in list(context.table.scopes):
        if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
            continue
        attribute = _state_attribute(context, node)
        if attribute is None:
            continue
        values = _values(node.comparisons[0].comparator)
        if attribute == "iceConnectionState":
            _widen_completed(context, node, values)
        _warn_of_live_branches(context, node, attribute, values)


def _state_attribute(context: FileContext, node: cst.Comparison) -> str | None:
    for side in (node.left, node.comparisons[0].comparator):
        if (
            isinstance(side, cst.Attribute)
            and side.attr.value in STATES
            and "pc" in context.kinds(side.value)
        ):
            return side.attr.value
    return None


def _values(node: cst.BaseExpression) -> set[str]:
    elements = (
        [element.value for element in node.elements]
        if isinstance(node, cst.Tuple | cst.List | cst.Set)
        else [node]
    )
    return {
        element.raw_value
        for element in elements
        if isinstance(element, cst.SimpleString) and isinstance(element.raw_value, str)
    }


def _widen_completed(context: FileContext, node: cst.Comparison, values: set[str]) -> None:
    """aiortc goes from checking to completed; purertc says connected in between, or for good."""
    target = node.comparisons[0]
    if "completed" not in values or "connected" in values:
        return
    if isinstance(target.comparator, cst.SimpleString):
        operator: cst.BaseCompOp
        if isinstance(target.operator, cst.Equal):
            operator = cst.In()
        elif isinstance(target.operator, cst.NotEqual):
            operator = cst.NotIn()
        else:
            return
        context.plan.edit(target, _membership(operator, target.comparator))
    elif isinstance(target.comparator, cst.Tuple | cst.List | cst.Set):
        context.plan.edit(target.comparator, _with_connected)
    context.site(node, "RM010", Verdict.SAFE, "ICE is up when connected or completed")


def _membership(operator: cst.BaseCompOp, literal: cst.SimpleString) -> Edit:
    quote = literal.quote
    text = f"({quote}connected{quote}, {quote}completed{quote})"

    def edit(node: cst.CSTNode) -> cst.CSTNode:
        return node.with_changes(operator=operator, comparator=cst.parse_expression(text))

    return edit


def _with_connected(node: cst.CSTNode) -> cst.CSTNode:
    if isinstance(node, cst.Tuple | cst.List | cst.Set):
        first = cst.Element(
            cst.SimpleString('"connected"'),
            comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")),
        )
        return node.with_changes(elements=[first, *node.elements])
    return node


def _warn_of_live_branches(
    context: FileContext, node: cst.Comparison, attribute: str, values: set[str]
) -> None:
    """Branches for states that aiortc never reported would start to run."""
    dead = {"disconnected"} & values
    if attribute == "iceConnectionState" and "completed" not in values:
        dead |= {"connected"} & values
    for state in sorted(dead):
        context.plan.todo(
            context.table.statement(node), "RM010",
            f'aiortc never reported "{state}" here, purertc does: check what this does then.',
        )  # fmt: skip
        context.site(
            node, "RM010", Verdict.MANUAL, f'"{state}" was never reported by aiortc',
            f'take "{state}" out, or make sure that the branch may run',
        )  # fmt: skip


RULE = Rule(
    id="RM010",
    slug="ice-states",
    title="Comparisons with ICE states",
    explanation=(
        'aiortc\'s iceConnectionState goes from "checking" straight to "completed" and never '
        'says "connected" or "disconnected"; purertc reports all of W3C\'s states. A comparison '
        'with "completed" accepts "connected" too. A branch for a state that aiortc never '
        'reported would come alive: it gets a TODO. "failed" is left alone; note that '
        "`on_connection_state_change` brings failed and closed, and closing twice is harmless."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection


def is_up(pc: RTCPeerConnection):
    return pc.iceConnectionState == "completed"


def is_down(pc: RTCPeerConnection):
    if pc.iceConnectionState in ("failed", "disconnected"):
        return True
    return pc.iceConnectionState != 'completed'
""",
            after="""\
from purertc import PeerConnection


def is_up(pc: PeerConnection):
    return pc.ice_connection_state in ("connected", "completed")


def is_down(pc: PeerConnection):
    # TODO(rtc-migrate) RM010: aiortc never reported "disconnected" here, purertc does: check what this does then.
    if pc.ice_connection_state in ("failed", "disconnected"):
        return True
    return pc.ice_connection_state not in ('connected', 'completed')
""",  # noqa: E501
        ),
    ),
    plan=_plan,
)
