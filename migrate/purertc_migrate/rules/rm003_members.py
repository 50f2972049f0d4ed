"""RM003: attributes and methods get their snake_case names."""

import libcst as cst

from purertc_migrate.context import FileContext
from purertc_migrate.names import MEMBERS
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]


def _plan(context: FileContext) -> None:
    for node in context.table.scopes:
        if not isinstance(node, cst.Attribute) or node in context.handled:
            continue
        if node.attr.value == "__dict__" and context.kinds(node.value) == {"description"}:
            context.plan.edit(node, _as_json)
            context.site(node, "RM003", Verdict.SAFE, "the fields of a description are its JSON")
            continue
        for kind in sorted(context.kinds(node.value)):
            new = MEMBERS[kind].get(node.attr.value)
            if new is not None and new != node.attr.value:
                _rename(context, node, new)
                break


def _rename(context: FileContext, node: cst.Attribute, new: str) -> None:
    context.plan.edit(node.attr, lambda name: name.with_changes(value=new))
    context.site(node.attr, "RM003", Verdict.SAFE, f"{node.attr.value} is {new}")


def _as_json(node: cst.CSTNode) -> cst.CSTNode:
    if isinstance(node, cst.Attribute):
        return cst.Call(node.with_changes(attr=cst.Name("to_json")))
    return node


RULE = Rule(
    id="RM003",
    slug="members",
    title="Attributes and methods get snake_case names",
    explanation=(
        "Only on expressions that are known to be objects of aiortc: the whole run is followed "
        "through assignments, attributes, parameters, containers and annotations. Keys of JSON "
        "dictionaries that look the same, such as `sdpMid`, are left alone. The `__dict__` of a "
        "description, which programs send as JSON, is `to_json()`."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection


class Peer:
    def __init__(self):
        self.pc = RTCPeerConnection()
        self.channels = {}

    def open(self, label):
        self.channels[label] = self.pc.createDataChannel(label, maxRetransmits=0)

    def offer(self):
        return self.pc.localDescription.__dict__

    def describe(self):
        waiting = {name: channel.bufferedAmount for name, channel in self.channels.items()}
        return {"connectionState": self.pc.connectionState, "waiting": waiting}
""",
            after="""\
from purertc import PeerConnection


class Peer:
    def __init__(self):
        self.pc = PeerConnection()
        self.channels = {}

    def open(self, label):
        self.channels[label] = self.pc.create_data_channel(label, max_retransmits=0)

    def offer(self):
        return self.pc.local_description.to_json()

    def describe(self):
        waiting = {name: channel.buffered_amount for name, channel in self.channels.items()}
        return {"connectionState": self.pc.connection_state, "waiting": waiting}
""",
        ),
    ),
    plan=_plan,
)
