"""RM009: sending and closing a channel is awaited where that is possible."""

import libcst as cst

from purertc_migrate.context import FileContext
from purertc_migrate.handlers.bodies import all_names, every_node
from purertc_migrate.plan import Edit
from purertc_migrate.report import Verdict
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]

PLAIN_FORMS = {"close": "start_close", "send": "send_nowait"}


def _plan(context: FileContext) -> None:
    for node in list(context.table.scopes):
        if (
            isinstance(node, cst.Attribute)
            and node.attr.value in PLAIN_FORMS
            and context.kinds(node.value) == {"channel"}
        ):
            _rewrite(context, node)
        if isinstance(node, cst.Try):
            _widen_handlers(context, node)


def _rewrite(context: FileContext, node: cst.Attribute) -> None:
    parent = context.table.parents[node]
    called = isinstance(parent, cst.Call) and parent.func is node
    name = node.attr.value
    if called and isinstance(context.table.parents[parent], cst.Await):
        return
    if called and context.runs_async(node):
        context.plan.edit(parent, _awaited)
        _freeze_iteration(context, node)
        context.site(node, "RM009", Verdict.SAFE, f"{name} is awaited")
        return
    plain = PLAIN_FORMS[name]
    context.handled.add(node)
    context.plan.edit(node.attr, _renamed(plain))
    if name == "send" and called and _floods(context, node):
        context.plan.todo(
            context.table.statement(node), "RM009",
            "send_nowait raises WouldBlock when 1 MiB is waiting; make this function a coroutine "
            "and await send.",
        )  # fmt: skip
        context.site(node, "RM009", Verdict.MANUAL, "a loop that never waits for room")
    else:
        context.site(node, "RM009", Verdict.UNSAFE, f"{plain}, since nothing can be awaited here")


def _freeze_iteration(context: FileContext, node: cst.CSTNode) -> None:
    """Loop over a copy where the loop did not suspend before: others may change the original."""
    for ancestor in context.table.ancestors(node):
        if isinstance(ancestor, cst.FunctionDef | cst.Lambda):
            return
        if isinstance(ancestor, cst.For):
            loop: cst.For | cst.CompFor = ancestor
        elif isinstance(ancestor, cst.ListComp | cst.SetComp):
            loop = ancestor.for_in
        else:
            continue
        suspended = any(isinstance(inner, cst.Await) for inner in every_node(ancestor))
        if _is_shared(loop.iter) and not suspended and loop.iter not in context.handled:
            context.handled.add(loop.iter)
            context.plan.edit(loop.iter, _copied)


def _is_shared(iterable: cst.BaseExpression) -> bool:
    """Tell whether the loop runs over something that has a name, or over a view of it."""
    if isinstance(iterable, cst.Call) and isinstance(iterable.func, cst.Attribute):
        return iterable.func.attr.value in {"items", "keys", "values"} and not iterable.args
    return isinstance(iterable, cst.Attribute | cst.Name | cst.Subscript)


def _copied(node: cst.CSTNode) -> cst.CSTNode:
    if isinstance(node, cst.BaseExpression):
        return cst.Call(cst.Name("list"), [cst.Arg(node)])
    return node


def _floods(context: FileContext, node: cst.Attribute) -> bool:
    """Tell whether a loop sends to one channel without ever looking at its buffer."""
    for ancestor in context.table.ancestors(node):
        if isinstance(ancestor, cst.FunctionDef | cst.Lambda):
            return False
        if isinstance(ancestor, cst.While):
            return "bufferedAmount" not in all_names(ancestor)
        if isinstance(ancestor, cst.For):
            own = all_names(ancestor.target) & all_names(node.value)
            return not own and "bufferedAmount" not in all_names(ancestor)
    return False


def _awaited(node: cst.CSTNode) -> cst.CSTNode:
    return cst.Await(node) if isinstance(node, cst.BaseExpression) else node


def _renamed(name: str) -> Edit:
    return lambda node: node.with_changes(value=name)


def _widen_handlers(context: FileContext, node: cst.Try) -> None:
    """aiortc raised InvalidStateError for a closed channel too; purertc says ChannelClosed."""
    sends = any(
        isinstance(inner, cst.Attribute)
        and inner.attr.value == "send"
        and "channel" in context.kinds(inner.value)
        for inner in every_node(node.body)
    )
    for handler in node.handlers if sends else ():
        caught = handler.type
        names = [e.value for e in caught.elements] if isinstance(caught, cst.Tuple) else [caught]
        for name in names:
            path = context.imports.path(name) if name is not None else None
            if path is not None and path.rsplit(".", 1)[-1] == "InvalidStateError":
                _add_channel_closed(context, handler)
                break


def _add_channel_closed(context: FileContext, handler: cst.ExceptHandler) -> None:
    closed = cst.parse_expression(context.new_name("ChannelClosed", handler))

    def edit(node: cst.CSTNode) -> cst.CSTNode:
        if isinstance(node, cst.Tuple):
            return node.with_changes(elements=[*node.elements, cst.Element(closed)])
        if isinstance(node, cst.BaseExpression):
            return cst.Tuple([cst.Element(node), cst.Element(closed)])
        return node

    if handler.type is not None:
        context.plan.edit(handler.type, edit)
        context.site(handler, "RM009", Verdict.SAFE, "a closed channel raises ChannelClosed")


RULE = Rule(
    id="RM009",
    slug="sending",
    title="send and close of a channel are awaited, or get their plain form",
    explanation=(
        "`await channel.send()` waits for room in the buffer. A callback that sends becomes a "
        "coroutine method, so it can await; a plain function gets `send_nowait`, which raises "
        "`WouldBlock` when more than 1 MiB is waiting, and `start_close`. A plain function that "
        "sends in a loop without looking at `bufferedAmount` gets a TODO. A loop over a "
        "collection that now awaits runs over a copy, since the collection may change meanwhile."
    ),
    examples=(
        Example(
            before="""\
from aiortc import InvalidStateError, RTCPeerConnection


class Sender:
    def __init__(self, pc: RTCPeerConnection):
        self.channel = pc.createDataChannel("out")

    def tell(self, text):
        try:
            self.channel.send(text)
        except InvalidStateError:
            print("too late")

    async def finish(self, loop, lines):
        loop.call_soon_threadsafe(self.channel.send, "last words")
        for line in lines:
            self.channel.send(line)
        self.channel.send("bye")
        self.channel.close()
""",
            after="""\
from purertc import ChannelClosed, InvalidStateError, PeerConnection


class Sender:
    def __init__(self, pc: PeerConnection):
        self.channel = pc.create_data_channel("out")

    def tell(self, text):
        try:
            self.channel.send_nowait(text)
        except (InvalidStateError, ChannelClosed):
            print("too late")

    async def finish(self, loop, lines):
        loop.call_soon_threadsafe(self.channel.send_nowait, "last words")
        for line in list(lines):
            await self.channel.send(line)
        await self.channel.send("bye")
        await self.channel.close()
""",
        ),
    ),
    plan=_plan,
)
