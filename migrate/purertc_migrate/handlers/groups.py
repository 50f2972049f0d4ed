"""Which registrations share one handler class, what it is called and where it stands."""

from collections import defaultdict
from dataclasses import dataclass

import libcst as cst

from purertc_migrate.context import FileContext
from purertc_migrate.handlers.bodies import all_names, every_node
from purertc_migrate.handlers.registrations import Registration

__all__ = ["Group", "group_registrations"]

BASES = {"pc": "PeerConnectionHandler", "channel": "DataChannelHandler"}
USUAL_PEER_NAMES = frozenset({"conn", "connection", "pc", "peer", "peer_connection"})


@dataclass(slots=True)
class Group:
    """Registrations on one object that become one handler class, in one block."""

    block: cst.Module | cst.IndentedBlock
    kind: str
    registrations: list[Registration]
    class_name: str = ""

    @property
    def base(self) -> str:
        """The purertc class to derive from."""
        return BASES[self.kind]

    @property
    def receiver(self) -> cst.BaseExpression:
        """The object that the handler is attached to."""
        return self.registrations[0].receiver

    @property
    def anchor(self) -> cst.CSTNode:
        """The statement in whose place the class stands.

        Functions that stay must be defined before the class calls them, so then it is the last.
        """
        delegating = any(registration.delegate for registration in self.registrations)
        return self.registrations[-1 if delegating else 0].statement


def group_registrations(context: FileContext) -> list[Group]:
    """Group the live registrations, in source order."""
    by_block: dict[cst.CSTNode, list[Registration]] = defaultdict(list)
    for registration in context.registrations:
        if not registration.dead:
            block = context.table.parents[registration.statement]
            by_block[block].append(registration)
    groups: list[Group] = []
    for block, registrations in by_block.items():
        if not isinstance(block, cst.Module | cst.IndentedBlock):
            raise TypeError("a registration outside of a block")
        groups += _group_block(context, block, registrations)
    order = {node: position for position, node in enumerate(context.table.scopes)}
    groups.sort(key=lambda group: order[group.registrations[0].statement])
    _name_classes(context, groups)
    return groups


def _group_block(
    context: FileContext, block: cst.Module | cst.IndentedBlock, registrations: list[Registration]
) -> list[Group]:
    open_groups: dict[str, Group] = {}
    finished: list[Group] = []
    for registration in registrations:
        key = context.code(registration.receiver)
        group = open_groups.get(key)
        if group is not None and _fits(context, group, registration):
            group.registrations.append(registration)
            continue
        group = Group(block, registration.kind, [registration])
        open_groups[key] = group
        finished.append(group)
    return finished


def _fits(context: FileContext, group: Group, registration: Registration) -> bool:
    """Tell whether the registration can move up to the group without changing its meaning."""
    if any(other.method == registration.method for other in group.registrations):
        return False
    body = list(group.block.body)
    positions = {node: position for position, node in enumerate(body)}
    last = group.registrations[-1].statement
    between = body[positions[last] + 1 : positions[registration.statement]]
    registered = {other.statement for other in context.registrations}
    needed = all_names(registration.statement) | all_names(registration.receiver)
    for statement in between:
        if statement in registered or isinstance(statement, cst.FunctionDef):
            name = statement.name.value if isinstance(statement, cst.FunctionDef) else None
            if name in needed and statement not in registered and not registration.delegate:
                return False
            continue
        if not isinstance(statement, cst.SimpleStatementLine):
            return False
        if _suspends(statement) or _bound_names(statement) & needed:
            return False
    return True


def _suspends(statement: cst.CSTNode) -> bool:
    leaving = (cst.Await, cst.Yield, cst.Return, cst.Raise, cst.Break, cst.Continue)
    return any(isinstance(node, leaving) for node in every_node(statement))


def _bound_names(statement: cst.CSTNode) -> set[str]:
    names: set[str] = set()
    for node in every_node(statement):
        match node:
            case cst.AssignTarget() | cst.AnnAssign() | cst.AugAssign() | cst.NamedExpr():
                names |= all_names(node.target)
            case cst.ImportAlias():
                names |= all_names(node)
            case _:
                pass
    return names


def _name_classes(context: FileContext, groups: list[Group]) -> None:
    taken = set(context.table.names)
    for group in groups:
        scope = context.table.scopes[group.registrations[0].statement]
        visible = {
            other.class_name
            for other in groups
            if other.class_name and _sees(context, other, scope)
        }
        stem = _stem(group)
        name, number = stem, 1
        while name in taken or name in visible:
            number += 1
            name = f"{stem}{number}"
        group.class_name = name


def _sees(context: FileContext, other: Group, scope: object) -> bool:
    """Tell whether the scopes of two groups lie within each other."""
    theirs = context.table.scopes[other.registrations[0].statement]
    current: object | None = scope
    while current is not None:
        if current is theirs:
            return True
        current = getattr(current, "parent", None)
    return False


def _stem(group: Group) -> str:
    receiver = group.receiver
    while isinstance(receiver, cst.Subscript):
        receiver = receiver.value
    last = receiver.attr if isinstance(receiver, cst.Attribute) else receiver
    name = last.value.strip("_") if isinstance(last, cst.Name) else ""
    if not name or (group.kind == "pc" and name in USUAL_PEER_NAMES):
        return "PeerEvents" if group.kind == "pc" else "ChannelEvents"
    camel = "".join(part[:1].upper() + part[1:] for part in name.split("_") if part)
    return f"{camel}Events"
