"""RM004: arguments of constructors and of createDataChannel become keywords."""

import libcst as cst

from purertc_migrate.analysis.values import Legacy
from purertc_migrate.context import FileContext
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]

# What is called → the order of aiortc's positional arguments, and the keywords' new names.
# A first argument marked with "*" stays positional.
SIGNATURES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "RTCConfiguration": (
        ("iceServers", "iceTransportPolicy"),
        {"iceServers": "ice_servers", "iceTransportPolicy": "ice_transport_policy"},
    ),
    "RTCIceServer": (
        ("*urls", "username", "credential"),
        {"urls": "urls", "username": "username", "credential": "credential"},
    ),
    "RTCPeerConnection": (("configuration",), {"configuration": "configuration"}),
    "RTCSessionDescription": (("sdp", "type"), {"sdp": "sdp", "type": "type"}),
    "createDataChannel": (
        (
            "*label",
            "maxPacketLifeTime",
            "maxRetransmits",
            "ordered",
            "protocol",
            "negotiated",
            "id",
        ),
        {
            "id": "id",
            "label": "label",
            "maxPacketLifeTime": "max_packet_life_time",
            "maxRetransmits": "max_retransmits",
            "negotiated": "negotiated",
            "ordered": "ordered",
            "protocol": "protocol",
        },
    ),
}
SPREADABLE = frozenset({"RTCIceServer", "RTCSessionDescription"})


def _called(context: FileContext, node: cst.Call) -> str | None:
    """Return which of the known signatures the call has."""
    if isinstance(node.func, cst.Attribute) and node.func.attr.value == "createDataChannel":
        return "createDataChannel" if "pc" in context.kinds(node.func.value) else None
    for value in context.values(node.func):
        if isinstance(value, Legacy):
            name = value.path.rsplit(".", 1)[-1]
            if name in SIGNATURES:
                return name
    return None


def _check(context: FileContext) -> None:
    for node in context.table.scopes:
        name = _called(context, node) if isinstance(node, cst.Call) else None
        if name is None or not isinstance(node, cst.Call):
            continue
        positional, keywords = SIGNATURES[name]
        for argument in node.args:
            if argument.star and not (argument.star == "**" and name in SPREADABLE):
                context.block(
                    node, "RM106", f"the arguments of {name} come from a variable",
                    "write the arguments out as keywords",
                )  # fmt: skip
            elif argument.keyword is not None and argument.keyword.value not in keywords:
                context.block(
                    node, "RM106", f"{name} has no {argument.keyword.value} in purertc",
                    f"remove the argument {argument.keyword.value}",
                )  # fmt: skip
        if sum(argument.keyword is None and not argument.star for argument in node.args) > len(
            positional
        ):
            context.block(
                node, "RM106", f"{name} has more positional arguments than purertc knows",
                "write the arguments as keywords",
            )  # fmt: skip


def _plan(context: FileContext) -> None:
    for node in list(context.table.scopes):
        name = _called(context, node) if isinstance(node, cst.Call) else None
        if name is None or not isinstance(node, cst.Call):
            continue
        _note_default_servers(context, node, name)
        for position, argument in enumerate(node.args):
            new = _keyword(name, position, argument)
            if new is not None:
                _set_keyword(context, argument, new)
                context.site(argument, "RM004", Verdict.SAFE, f"argument {new} of {name}")


def _keyword(name: str, position: int, argument: cst.Arg) -> str | None:
    positional, keywords = SIGNATURES[name]
    if argument.star:
        return None
    if argument.keyword is not None:
        new = keywords[argument.keyword.value]
        return new if new != argument.keyword.value else None
    if positional[position].startswith("*"):
        return None
    return keywords[positional[position]]


def _set_keyword(context: FileContext, argument: cst.Arg, new: str) -> None:
    def edit(node: cst.CSTNode) -> cst.CSTNode:
        if not isinstance(node, cst.Arg):
            return node
        if node.keyword is not None:
            return node.with_changes(keyword=node.keyword.with_changes(value=new))
        return node.with_changes(keyword=cst.Name(new), equal=_tight_equal())

    context.plan.edit(argument, edit)


def _tight_equal() -> cst.AssignEqual:
    nothing = cst.SimpleWhitespace("")
    return cst.AssignEqual(whitespace_before=nothing, whitespace_after=nothing)


def _note_default_servers(context: FileContext, node: cst.Call, name: str) -> None:
    if name in {"RTCConfiguration", "RTCPeerConnection"} and not node.args:
        context.site(
            node, "RM004", Verdict.UNSAFE,
            "aiortc used a public STUN server by default; purertc uses none",
            "name the servers in a Configuration if clients are behind NAT",
        )  # fmt: skip


RULE = Rule(
    id="RM004",
    slug="arguments",
    title="Arguments become keywords with the new names",
    explanation=(
        "`SessionDescription` takes type and sdp in W3C's order, `PeerConnection` takes handlers "
        "first, and the options of a channel are keywords only: so positional arguments get "
        "their names. aiortc asked a public STUN server when no servers were given, purertc "
        "asks none; the report points such calls out."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCConfiguration, RTCIceServer, RTCIceTransportPolicy
from aiortc import RTCPeerConnection, RTCSessionDescription


async def accept(text, kind):
    server = RTCIceServer("turn:turn.example.org", "me", "secret")
    relayed = RTCConfiguration([server], RTCIceTransportPolicy.RELAY)
    pc = RTCPeerConnection(relayed)
    channel = pc.createDataChannel("telemetry", 500, ordered=False)
    await pc.setRemoteDescription(RTCSessionDescription(text, kind))
    return pc, channel
""",
            after="""\
from purertc import Configuration, IceServer, IceTransportPolicy
from purertc import PeerConnection, SessionDescription


async def accept(text, kind):
    server = IceServer("turn:turn.example.org", username="me", credential="secret")
    relayed = Configuration(ice_servers=[server], ice_transport_policy=IceTransportPolicy.RELAY)
    pc = PeerConnection(configuration=relayed)
    channel = pc.create_data_channel("telemetry", max_packet_life_time=500, ordered=False)
    await pc.set_remote_description(SessionDescription(sdp=text, type=kind))
    return pc, channel
""",
        ),
    ),
    check=_check,
    plan=_plan,
)
