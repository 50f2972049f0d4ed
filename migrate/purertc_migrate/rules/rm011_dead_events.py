"""RM011: callbacks of events that aiortc never raised stay unattached."""

import libcst as cst

from purertc_migrate.context import FileContext
from purertc_migrate.handlers.emission import strip_decorators
from purertc_migrate.handlers.registrations import Registration
from purertc_migrate.plan import BlockEdit, Statement
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]

NOW_CALLED = {
    "icecandidate": "on_ice_candidate",
    "negotiationneeded": "on_negotiation_needed",
    "open": "on_open",
}


def _plan(context: FileContext) -> None:
    for registration in context.registrations:
        if registration.dead:
            _keep_inert(context, registration)
        elif registration.event == "open" and "remote" in registration.origins:
            _warn_of_remote_open(context, registration)


def _keep_inert(context: FileContext, registration: Registration) -> None:
    event = registration.event
    reason = f'aiortc never raised "{event}" here, so this never ran and is not attached'
    method = NOW_CALLED.get(event)
    hint = f"; purertc would call it from {method}." if method is not None else "."
    statement = registration.statement
    context.site(registration.call, "RM011", Verdict.MANUAL, reason)
    if registration.decorator is not None:
        context.plan.todo(statement, "RM011", reason + hint)
        context.plan.edit(statement, _without_decorators)
        return
    callback = registration.call.args[-1].value
    text = f"{reason}: {context.code(callback)}{hint}".replace("\n", " ")
    context.plan.todo(statement, "RM011", text)
    context.plan.edit_block(context.table.parents[statement], _to_pass(statement))


def _without_decorators(node: cst.CSTNode) -> cst.CSTNode:
    return strip_decorators(node) if isinstance(node, cst.FunctionDef) else node


def _to_pass(statement: cst.CSTNode) -> BlockEdit:
    def edit(lines: dict[cst.CSTNode, list[Statement]]) -> None:
        first = lines[statement][0]
        lines[statement] = [first.with_changes(body=[cst.Pass()])]

    return edit


def _warn_of_remote_open(context: FileContext, registration: Registration) -> None:
    text = "on_open also runs for channels that the other side opened; aiortc raised it for ours."
    registration.todos.append(("RM011", text))
    context.site(registration.call, "RM011", Verdict.MANUAL, "open of a remote channel")


RULE = Rule(
    id="RM011",
    slug="dead-events",
    title="Callbacks of events that aiortc never raised",
    explanation=(
        "aiortc never raised `icecandidate` or `negotiationneeded`, nor `open` for a channel that "
        "the other side opened. purertc has these events, so attaching such a callback would "
        "start code that never ran. The callback stays, unattached, with a TODO."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection


def connect(socket):
    pc = RTCPeerConnection()

    @pc.on("icecandidate")
    async def found(candidate):
        await socket.send(str(candidate))

    return pc
""",
            after="""\
from purertc import PeerConnection


def connect(socket):
    pc = PeerConnection()

    # TODO(rtc-migrate) RM011: aiortc never raised "icecandidate" here, so this never ran and is not attached; purertc would call it from on_ice_candidate.
    async def found(candidate):
        await socket.send(str(candidate))

    return pc
""",  # noqa: E501
        ),
    ),
    plan=_plan,
)
