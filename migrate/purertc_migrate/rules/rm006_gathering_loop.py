"""RM006: loops that poll iceGatheringState become one wait."""

import libcst as cst

from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.context import FileContext
from purertc_migrate.handlers.bodies import every_node
from purertc_migrate.plan import Statement
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE", "is_gathering_loop"]


def is_gathering_loop(context: FileContext, node: cst.CSTNode) -> cst.BaseExpression | None:
    """Return the connection of `while pc.iceGatheringState != "complete": sleep`, or None."""
    if not isinstance(node, cst.While) or node.orelse is not None:
        return None
    test = node.test
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return None
    comparison = test.comparisons[0]
    left, right = test.left, comparison.comparator
    if (
        not isinstance(comparison.operator, cst.NotEqual)
        or not isinstance(left, cst.Attribute)
        or left.attr.value != "iceGatheringState"
        or not isinstance(right, cst.SimpleString)
        or right.raw_value != "complete"
        or "pc" not in context.kinds(left.value)
    ):
        return None
    return left.value if _only_sleeps(node.body) else None


def _only_sleeps(body: cst.BaseSuite) -> bool:
    for statement in body.body:
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else statement
        if not isinstance(small, cst.Expr) or not isinstance(small.value, cst.Await):
            return False
        call = small.value.expression
        name = dotted_name(call.func) if isinstance(call, cst.Call) else None
        if name not in {"asyncio.sleep", "sleep"}:
            return False
    return len(body.body) == 1


def _plan(context: FileContext) -> None:
    for node in list(context.table.scopes):
        receiver = is_gathering_loop(context, node)
        block = context.table.parents.get(node)
        if receiver is not None and block is not None:
            _replace(context, node, block, receiver)


def _replace(
    context: FileContext, loop: cst.CSTNode, block: cst.CSTNode, receiver: cst.BaseExpression
) -> None:
    waiting = f"await {context.code(receiver)}.gathering_complete()"

    def replace(lines: dict[cst.CSTNode, list[Statement]]) -> None:
        leading = list(lines[loop][0].leading_lines)
        inside = [
            cst.EmptyLine(comment=node)
            for child in loop.children
            for node in every_node(child)
            if isinstance(node, cst.Comment) and not _is_leading(loop, node)
        ]
        expression = cst.Expr(cst.parse_expression(waiting))
        lines[loop] = [cst.SimpleStatementLine([expression], leading_lines=[*leading, *inside])]

    context.plan.edit_block(block, replace)
    context.site(loop, "RM006", Verdict.SAFE, "wait instead of polling")


def _is_leading(loop: cst.CSTNode, comment: cst.Comment) -> bool:
    return isinstance(loop, cst.While) and any(
        line.comment is comment for line in loop.leading_lines
    )


RULE = Rule(
    id="RM006",
    slug="gathering-loop",
    title="Polling for the end of gathering becomes a wait",
    explanation="`await pc.gathering_complete()` says what the loop meant, and wakes up at once.",
    examples=(
        Example(
            before="""\
import asyncio

from aiortc import RTCPeerConnection


async def offer():
    pc = RTCPeerConnection()
    await pc.setLocalDescription(await pc.createOffer())
    # candidates go with the offer
    while pc.iceGatheringState != "complete":
        await asyncio.sleep(0.1)
    return pc.localDescription.sdp
""",
            after="""\
import asyncio

from purertc import PeerConnection


async def offer():
    pc = PeerConnection()
    await pc.set_local_description(await pc.create_offer())
    # candidates go with the offer
    await pc.gathering_complete()
    return pc.local_description.sdp
""",
        ),
    ),
    plan=_plan,
)
