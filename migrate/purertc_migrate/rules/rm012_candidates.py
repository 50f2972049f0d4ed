"""RM012: candidates are built by a constructor instead of being parsed and then completed."""

from dataclasses import dataclass

import libcst as cst

from purertc_migrate.context import FileContext
from purertc_migrate.plan import Statement
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]

FIELDS = {"sdpMid": "sdp_mid", "sdpMLineIndex": "sdp_m_line_index"}
UNBLOCK = "set sdpMid and sdpMLineIndex in the lines right after candidate_from_sdp"


@dataclass(slots=True)
class _Parsed:
    """`c = candidate_from_sdp(text)` and the assignments that follow it."""

    line: cst.SimpleStatementLine
    assignment: cst.Assign
    call: cst.Call
    fields: list[tuple[cst.SimpleStatementLine, cst.Assign, str]]


def _is(context: FileContext, node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Call) and context.imports.path(node.func) == f"sdp.{name}"


def _parsed(context: FileContext, call: cst.Call) -> _Parsed | None:
    """Read the statements around a call of candidate_from_sdp."""
    table = context.table
    assignment = table.parents[call]
    if not isinstance(assignment, cst.Assign) or len(assignment.targets) != 1:
        return None
    target = assignment.targets[0].target
    line = table.parents[assignment]
    block = table.parents.get(line)
    if (
        not isinstance(target, cst.Name)
        or not isinstance(line, cst.SimpleStatementLine)
        or len(line.body) != 1
        or not isinstance(block, cst.Module | cst.IndentedBlock)
    ):
        return None
    found = _Parsed(line, assignment, call, [])
    body = list(block.body)
    for statement in body[body.index(line) + 1 :]:
        entry = _field(statement, target.value)
        if entry is None:
            break
        found.fields.append(entry)
    return found


def _field(
    statement: cst.CSTNode, name: str
) -> tuple[cst.SimpleStatementLine, cst.Assign, str] | None:
    """Read `c.sdpMid = value`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    assignment = statement.body[0]
    if not isinstance(assignment, cst.Assign) or len(assignment.targets) != 1:
        return None
    target = assignment.targets[0].target
    if (
        isinstance(target, cst.Attribute)
        and isinstance(target.value, cst.Name)
        and target.value.value == name
        and target.attr.value in FIELDS
    ):
        return statement, assignment, target.attr.value
    return None


def _check(context: FileContext) -> None:
    for node in context.table.scopes:
        if _is(context, node, "candidate_to_sdp") and isinstance(node, cst.Call):
            if _prefixed(context, node) is None:
                context.block(
                    node, "RM012", "candidate_to_sdp has no counterpart in purertc",
                    'write "candidate:" + candidate_to_sdp(c), which becomes c.candidate',
                )  # fmt: skip
        elif _is(context, node, "candidate_from_sdp") and isinstance(node, cst.Call):
            for line, assignment, _ in _fields_of(context, node):
                context.handled |= {line, assignment.targets[0].target}
    for node in context.table.scopes:
        if (
            isinstance(node, cst.AssignTarget)
            and isinstance(node.target, cst.Attribute)
            and node.target not in context.handled
            and "candidate" in context.kinds(node.target.value)
        ):
            context.block(node, "RM012", "candidates of purertc cannot be changed", UNBLOCK)


def _fields_of(
    context: FileContext, call: cst.Call
) -> list[tuple[cst.SimpleStatementLine, cst.Assign, str]]:
    parsed = _parsed(context, call)
    return [] if parsed is None else parsed.fields


def _prefixed(context: FileContext, call: cst.Call) -> cst.BinaryOperation | None:
    """Return the sum `"candidate:" + candidate_to_sdp(c)` around the call."""
    parent = context.table.parents[call]
    if (
        isinstance(parent, cst.BinaryOperation)
        and parent.right is call
        and isinstance(parent.operator, cst.Add)
        and isinstance(parent.left, cst.SimpleString)
        and parent.left.raw_value == "candidate:"
        and len(call.args) == 1
    ):
        return parent
    return None


def _plan(context: FileContext) -> None:
    for node in list(context.table.scopes):
        if _is(context, node, "candidate_to_sdp") and isinstance(node, cst.Call):
            _to_attribute(context, node)
        elif _is(context, node, "candidate_from_sdp") and isinstance(node, cst.Call):
            _to_constructor(context, node)


def _to_attribute(context: FileContext, call: cst.Call) -> None:
    whole = _prefixed(context, call)
    if whole is None:
        return

    def edit(node: cst.CSTNode) -> cst.CSTNode:
        if isinstance(node, cst.BinaryOperation) and isinstance(node.right, cst.Call):
            return cst.Attribute(node.right.args[0].value, cst.Name("candidate"))
        return node

    context.plan.edit(whole, edit)
    context.site(call, "RM012", Verdict.SAFE, "the line of a candidate is its attribute")


def _to_constructor(context: FileContext, call: cst.Call) -> None:
    parsed = _parsed(context, call)
    name = context.new_name("IceCandidate", call)
    context.site(call, "RM012", Verdict.SAFE, "IceCandidate takes the line as it is")
    simple = _without_split(call)

    def edit(node: cst.CSTNode) -> cst.CSTNode:
        if not isinstance(node, cst.Call):
            return node
        argument = node.args[0].value
        if simple and isinstance(argument, cst.Subscript) and isinstance(argument.value, cst.Call):
            split = argument.value.func
            argument = split.value if isinstance(split, cst.Attribute) else argument
        return cst.Call(cst.parse_expression(name), [_keyword("candidate", argument)])

    context.plan.edit(call, edit)
    if parsed is None or not parsed.fields:
        return
    block = context.table.parents[parsed.line]
    indent = context.source.module.default_indent

    def merge(lines: dict[cst.CSTNode, list[Statement]]) -> None:
        added: list[cst.Arg] = []
        comments: list[cst.EmptyLine] = []
        for line, _, field in parsed.fields:
            statement = lines[line][0]
            added.append(_keyword(FIELDS[field], _assigned(statement)))
            comments += [lead for lead in statement.leading_lines if lead.comment is not None]
            trailing = _trailing(statement)
            comments += [trailing] if trailing is not None else []
            lines[line] = []
        first = lines[parsed.line][0]
        lines[parsed.line] = [_with_arguments(first, added, comments, indent)]

    context.plan.edit_block(block, merge)


def _without_split(call: cst.Call) -> bool:
    """Tell whether the argument is `text.split(":", 1)[1]`, which only cuts off the prefix."""
    argument = call.args[0].value if call.args else None
    if not isinstance(argument, cst.Subscript) or not isinstance(argument.value, cst.Call):
        return False
    code = cst.Module([]).code_for_node(argument)
    return code.endswith((".split(':', 1)[1]", '.split(":", 1)[1]'))


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    nothing = cst.SimpleWhitespace("")
    equal = cst.AssignEqual(whitespace_before=nothing, whitespace_after=nothing)
    return cst.Arg(value, keyword=cst.Name(name), equal=equal)


def _assigned(statement: Statement) -> cst.BaseExpression:
    if isinstance(statement, cst.SimpleStatementLine):
        assignment = statement.body[0]
        if isinstance(assignment, cst.Assign):
            return assignment.value
    raise TypeError("not an assignment")


def _trailing(statement: Statement) -> cst.EmptyLine | None:
    if isinstance(statement, cst.SimpleStatementLine):
        comment = statement.trailing_whitespace.comment
        return None if comment is None else cst.EmptyLine(comment=comment)
    return None


def _with_arguments(
    statement: Statement, added: list[cst.Arg], comments: list[cst.EmptyLine], indent: str
) -> Statement:
    if not isinstance(statement, cst.SimpleStatementLine):
        raise TypeError("not an assignment")
    assignment = statement.body[0]
    if not isinstance(assignment, cst.Assign) or not isinstance(assignment.value, cst.Call):
        raise TypeError("not an assignment of a call")
    call = _one_a_line(assignment.value, [*assignment.value.args, *added], indent)
    return statement.with_changes(
        body=[assignment.with_changes(value=call)],
        leading_lines=[*statement.leading_lines, *comments],
    )


def _one_a_line(call: cst.Call, arguments: list[cst.Arg], indent: str) -> cst.Call:
    inside = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(indent))
    comma = cst.Comma(whitespace_after=inside)
    last = cst.Comma(whitespace_after=cst.ParenthesizedWhitespace(indent=True))
    lines = [argument.with_changes(comma=comma) for argument in arguments]
    lines[-1] = lines[-1].with_changes(comma=last)
    return call.with_changes(args=lines, whitespace_before_args=inside)


RULE = Rule(
    id="RM012",
    slug="candidates",
    title="Candidates are built by IceCandidate",
    explanation=(
        "`candidate_from_sdp` and the assignments of `sdpMid` and `sdpMLineIndex` that follow it "
        "become one `IceCandidate(…)`, which takes W3C's fields and the line with or without "
        '"candidate:". The other way round, the line is the attribute `candidate`. A candidate of '
        "purertc cannot be changed, so assignments elsewhere keep the file on compat."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection
from aiortc.sdp import candidate_from_sdp


async def trickle(pc: RTCPeerConnection, message):
    candidate = candidate_from_sdp(message["candidate"].split(":", 1)[1])
    candidate.sdpMid = message["sdpMid"]
    candidate.sdpMLineIndex = message["sdpMLineIndex"]
    await pc.addIceCandidate(candidate)
""",
            after="""\
from purertc import IceCandidate, PeerConnection


async def trickle(pc: PeerConnection, message):
    candidate = IceCandidate(
        candidate=message["candidate"],
        sdp_mid=message["sdpMid"],
        sdp_m_line_index=message["sdpMLineIndex"],
    )
    await pc.add_ice_candidate(candidate)
""",
        ),
    ),
    check=_check,
    plan=_plan,
)
