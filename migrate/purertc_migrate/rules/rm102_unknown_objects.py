"""RM102: members of aiortc on something whose kind cannot be told."""

import libcst as cst

from purertc_migrate.context import FileContext
from purertc_migrate.handlers.registrations import registration_calls
from purertc_migrate.names import DISTINCTIVE_ATTRIBUTES, PEER_EVENTS
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]

CHANNEL_EVENTS = frozenset({"bufferedamountlow", "message"})


def _check(context: FileContext) -> None:
    for node in context.table.scopes:
        if (
            isinstance(node, cst.Attribute)
            and node.attr.value in DISTINCTIVE_ATTRIBUTES
            and not context.values(node.value)
            and not _is_foreign_name(context, node.value)
        ):
            _block(context, node, node.value, node.attr.value)
    for call, function, event in registration_calls(context):
        if context.values(function.value):
            continue
        suspicious = event in PEER_EVENTS or (
            event in CHANNEL_EVENTS and _is_parameter(context, function.value)
        )
        if suspicious:
            _block(context, call, function.value, f'on("{event}")')


def _is_foreign_name(context: FileContext, node: cst.CSTNode) -> bool:
    """Tell whether the base is a module that was imported from elsewhere."""
    if not isinstance(node, cst.Name):
        return False
    scope = context.table.scopes[node].resolve(node.value)
    return scope is not None and any(
        isinstance(parent, cst.ImportAlias)
        for parent in context.table.scopes
        if isinstance(parent, cst.ImportAlias)
        and parent.asname is None
        and isinstance(parent.name, cst.Name)
        and parent.name.value == node.value
        and context.table.scopes[parent] is scope
    )


def _is_parameter(context: FileContext, node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.Name):
        return False
    scope = context.table.scopes[node].resolve(node.value)
    function = scope.node if scope is not None else None
    if not isinstance(function, cst.FunctionDef | cst.Lambda):
        return False
    parameters = [*function.params.posonly_params, *function.params.params]
    parameters += function.params.kwonly_params
    return any(
        parameter.name.value == node.value and parameter.annotation is None
        for parameter in parameters
    )


def _block(context: FileContext, node: cst.CSTNode, base: cst.CSTNode, member: str) -> None:
    code = context.code(base)
    kind = "RTCDataChannel" if "uffered" in member or "message" in member else "RTCPeerConnection"
    if member in {"sdpMid", "sdpMLineIndex"}:
        kind = "RTCIceCandidate"
    context.block(
        node, "RM102", f"cannot tell whether {code} is an object of aiortc ({member})",
        f"annotate it, for example {code}: {kind}, or migrate its callers in the same run",
    )  # fmt: skip


RULE = Rule(
    id="RM102",
    slug="unknown-objects",
    title="Objects whose kind cannot be told",
    explanation=(
        "Something is used as if it were an object of aiortc, but neither an annotation nor the "
        "calls in the files of this run say so. The file stays on compat; an annotation is enough "
        "to unblock it."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCSessionDescription


async def accept(peer, offer):
    await peer.setRemoteDescription(RTCSessionDescription(**offer))
""",
            after="""\
from purertc_compat import RTCSessionDescription


async def accept(peer, offer):
    # TODO(rtc-migrate) RM102: stays on purertc_compat: cannot tell whether peer is an object of aiortc (setRemoteDescription); to unblock, annotate it, for example peer: RTCPeerConnection, or migrate its callers in the same run.
    await peer.setRemoteDescription(RTCSessionDescription(**offer))
""",  # noqa: E501
        ),
    ),
    check=_check,
)
