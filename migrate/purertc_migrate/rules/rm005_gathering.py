"""RM005: where aiortc gathered inside setLocalDescription, purertc is told to wait."""

import libcst as cst

from purertc_migrate.context import FileContext
from purertc_migrate.plan import Statement
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule
from purertc_migrate.rules.rm006_gathering_loop import is_gathering_loop

__all__ = ["RULE"]


def _plan(context: FileContext) -> None:
    for node in list(context.table.scopes):
        if (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value == "setLocalDescription"
            and "pc" in context.kinds(node.func.value)
        ):
            _wait_after(context, node, node.func.value)


def _wait_after(context: FileContext, call: cst.Call, receiver: cst.BaseExpression) -> None:
    line = context.table.statement(call)
    block = context.table.parents.get(line)
    wrapper = _wrapper(context, call)
    if (
        wrapper is None
        or not isinstance(line, cst.SimpleStatementLine)
        or not isinstance(block, cst.Module | cst.IndentedBlock)
        or len(line.body) != 1
    ):
        context.plan.todo(
            line, "RM005",
            "aiortc gathered candidates inside setLocalDescription; await "
            f"{context.code(receiver)}.gathering_complete() before the description is sent.",
        )  # fmt: skip
        context.site(call, "RM005", Verdict.MANUAL, "add a wait for the candidates")
        return
    if _loop_follows(context, block, line, receiver):
        return
    text = f"{context.code(receiver)}.gathering_complete()"
    waiting = f"await {text}" if wrapper == "await" else f"{wrapper}({text})"

    def insert(lines: dict[cst.CSTNode, list[Statement]]) -> None:
        added = cst.SimpleStatementLine([cst.Expr(cst.parse_expression(waiting))])
        lines[line] = [*lines[line], added]

    context.plan.edit_block(block, insert)
    context.site(call, "RM005", Verdict.SAFE, "wait for the candidates, as aiortc did")


def _wrapper(context: FileContext, call: cst.Call) -> str | None:
    """Return what runs the call when it is a statement of its own."""
    parent = context.table.parents[call]
    if isinstance(parent, cst.Await):
        return "await" if isinstance(context.table.parents[parent], cst.Expr) else None
    outer = context.table.parents[parent] if isinstance(parent, cst.Arg) else None
    if isinstance(outer, cst.Call) and isinstance(context.table.parents[outer], cst.Expr):
        function = context.code(outer.func)
        if function.endswith("run_until_complete"):
            return function
    return None


def _loop_follows(
    context: FileContext,
    block: cst.Module | cst.IndentedBlock,
    line: cst.CSTNode,
    receiver: cst.BaseExpression,
) -> bool:
    body = list(block.body)
    wanted = context.code(receiver)
    for statement in body[body.index(line) + 1 :]:  # type: ignore[arg-type]
        loop = is_gathering_loop(context, statement)
        if loop is not None and context.code(loop) == wanted:
            return True
    return False


RULE = Rule(
    id="RM005",
    slug="gathering",
    title="An explicit wait for candidates after set_local_description",
    explanation=(
        "aiortc returned from `setLocalDescription` only when every candidate was gathered, and "
        "programs ship `pc.localDescription` right after it. purertc returns at once and "
        "trickles, so the wait is written out. Delete it, and send candidates from "
        "`on_ice_candidate`, to connect faster."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection, RTCSessionDescription


async def answer(offer):
    pc = RTCPeerConnection()
    await pc.setRemoteDescription(RTCSessionDescription(**offer))
    await pc.setLocalDescription(await pc.createAnswer())
    return {"sdp": pc.localDescription.sdp, "type": pc.localDescription.type}
""",
            after="""\
from purertc import PeerConnection, SessionDescription


async def answer(offer):
    pc = PeerConnection()
    await pc.set_remote_description(SessionDescription(**offer))
    await pc.set_local_description(await pc.create_answer())
    await pc.gathering_complete()
    return {"sdp": pc.local_description.sdp, "type": pc.local_description.type}
""",
        ),
    ),
    plan=_plan,
)
