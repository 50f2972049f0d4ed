"""RM007: listeners on a connection become a PeerConnectionHandler."""

import libcst as cst

from purertc_migrate.context import FileContext
from purertc_migrate.handlers.bodies import own_nodes
from purertc_migrate.handlers.emission import argument_name, emit_group
from purertc_migrate.handlers.groups import Group, group_registrations
from purertc_migrate.handlers.registrations import Registration
from purertc_migrate.names import MEMBERS
from purertc_migrate.plan import Edit
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE", "plan_groups"]

STATE_ATTRIBUTES = {
    "connectionstatechange": "connectionState",
    "iceconnectionstatechange": "iceConnectionState",
    "icegatheringstatechange": "iceGatheringState",
    "signalingstatechange": "signalingState",
}


def _plan(context: FileContext) -> None:
    plan_groups(context, "pc", "RM007")
    for registration in context.registrations:
        if registration.kind == "pc" and not registration.dead:
            _use_given_state(context, registration)


def plan_groups(context: FileContext, kind: str, rule: str) -> None:
    """Emit the handler classes for one kind of object."""
    for group in group_registrations(context):
        if group.kind == kind:
            emit_group(context, group)
            _record(context, group, rule)


def _record(context: FileContext, group: Group, rule: str) -> None:
    for registration in group.registrations:
        name = registration.method.method if registration.method is not None else ""
        delegate = registration.delegate
        if delegate is not None and delegate.long_running:
            if context.targets is not None:
                context.targets.needs_asyncio = True
            reason = f"{name} starts a task, because the callback may wait for long"
            context.site(registration.call, rule, Verdict.SAFE, reason)
        elif registration.event == "message" and _is_coroutine(registration):
            reason = "messages are handled one after the other; aiortc ran the callbacks at once"
            context.site(registration.call, rule, Verdict.UNSAFE, reason)
        else:
            context.site(registration.call, rule, Verdict.SAFE, f"{registration.event}: {name}")


def _is_coroutine(registration: Registration) -> bool:
    callback, delegate = registration.callback, registration.delegate
    if delegate is not None:
        return delegate.is_async
    return isinstance(callback, cst.FunctionDef) and callback.asynchronous is not None


def _use_given_state(context: FileContext, registration: Registration) -> None:
    """Read the state that the event brings, not the one the connection has by now.

    Only before the callback's first await: behind it the callback wants the present state.
    """
    attribute = STATE_ATTRIBUTES.get(registration.event)
    name = argument_name(registration)
    callback = registration.callback
    if attribute is None or name is None or not isinstance(callback, cst.FunctionDef):
        return
    receiver = context.code(registration.receiver)
    for node in own_nodes(callback):
        if isinstance(node, cst.Await | cst.For | cst.While | cst.With):
            return
        if (
            isinstance(node, cst.Attribute)
            and node.attr.value == attribute
            and context.code(node.value) == receiver
        ):
            context.handled.add(node)
            context.plan.edit(node, _as_name(name))


def _as_name(name: str) -> Edit:
    def edit(node: cst.CSTNode) -> cst.CSTNode:
        if isinstance(node, cst.Attribute):
            return cst.Name(name, lpar=node.lpar, rpar=node.rpar)
        return node

    return edit


_NEW_STATE = MEMBERS["pc"]["connectionState"]

RULE = Rule(
    id="RM007",
    slug="connection-handlers",
    title="Listeners on a connection become a PeerConnectionHandler",
    explanation=(
        "The class is written where the listeners were, so the callbacks keep their closures, "
        "`nonlocal` included. Listeners that follow each other share a class. The first "
        "parameter is `_handler` where the callback uses the `self` of the method around it. "
        "Callbacks that are called elsewhere too stay functions, and the handler calls them. "
        "State methods bring the state they report; the callback reads that "
        f"instead of `pc.{_NEW_STATE}`."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection


async def serve(rooms):
    pc = RTCPeerConnection()
    rooms.add(pc)

    # forget lost connections
    @pc.on("connectionstatechange")
    async def changed():
        if pc.connectionState == "failed":
            await pc.close()
            rooms.discard(pc)

    @pc.on("datachannel")
    def got(channel):
        rooms.welcome(channel.label)

    return pc
""",
            after="""\
from purertc import PeerConnection, PeerConnectionHandler


async def serve(rooms):
    pc = PeerConnection()
    rooms.add(pc)

    class PeerEvents(PeerConnectionHandler):
        # forget lost connections
        async def on_connection_state_change(self, state):
            if state == "failed":
                await pc.close()
                rooms.discard(pc)

        async def on_data_channel(self, channel):
            rooms.welcome(channel.label)

    pc.attach(PeerEvents())

    return pc
""",
        ),
        Example(
            before="""\
from aiortc import RTCDataChannel, RTCPeerConnection


class Bot:
    def __init__(self):
        self.channels = []
        self.pc = RTCPeerConnection()
        self.pc.on("datachannel", self.got_channel)

        @self.pc.on("signalingstatechange")
        def changed():
            self.log(self.pc.signalingState)

    def got_channel(self, channel: RTCDataChannel) -> None:
        self.channels.append(channel)

    def log(self, text):
        print(text)
""",
            after="""\
from purertc import DataChannel, PeerConnection, PeerConnectionHandler


class Bot:
    def __init__(self):
        self.channels = []
        self.pc = PeerConnection()

        class PeerEvents(PeerConnectionHandler):
            async def on_data_channel(_handler, channel):
                self.got_channel(channel)

            async def on_signaling_state_change(_handler, state):
                self.log(state)

        self.pc.attach(PeerEvents())

    def got_channel(self, channel: DataChannel) -> None:
        self.channels.append(channel)

    def log(self, text):
        print(text)
""",
        ),
    ),
    plan=_plan,
)
