"""Does a name still mean the same when the handler calls it?

aiortc kept the callable that was registered; a handler method looks its name up when it runs.
"""

from collections.abc import Iterator

import libcst as cst

from purertc_migrate.analysis.scopes import Scope
from purertc_migrate.context import FileContext
from purertc_migrate.handlers.bodies import every_node

__all__ = ["is_loaded", "unstable_name"]

TARGET_HOLDERS = (
    cst.AnnAssign,
    cst.AssignTarget,
    cst.AugAssign,
    cst.CompFor,
    cst.For,
    cst.NamedExpr,
)


def is_loaded(context: FileContext, node: cst.Name) -> bool:
    """Tell whether a reference reads its variable (and does not bind it)."""
    child: cst.CSTNode = node
    parent = context.table.parents.get(node)
    while isinstance(parent, cst.Tuple | cst.List | cst.Element | cst.StarredElement):
        child, parent = parent, context.table.parents.get(parent)
    if isinstance(parent, TARGET_HOLDERS):
        return parent.target is not child
    return not isinstance(parent, cst.AsName | cst.Del)


def unstable_name(
    context: FileContext, statement: cst.CSTNode, used: list[cst.BaseExpression]
) -> str | None:
    """Return a name in `used` that is bound again after `statement`, or in a loop around it."""
    for expression in used:
        for node in every_node(expression):
            if not isinstance(node, cst.Name) or node not in context.table.scopes:
                continue
            scope = context.table.scopes[node].resolve(node.value)
            if scope is not None and _changes(context, statement, scope, node.value):
                return node.value
    return None


def _changes(context: FileContext, statement: cst.CSTNode, scope: Scope, name: str) -> bool:
    line = context.positions[statement].start.line
    loops = set(_loops(context, statement))
    for binding in _bindings(context, scope, name):
        if binding is not statement and context.positions[binding].start.line > line:
            return True
        if loops & {binding, *context.table.ancestors(binding)}:
            return True
    return False


def _loops(context: FileContext, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for ancestor in context.table.ancestors(node):
        if isinstance(ancestor, cst.FunctionDef | cst.Lambda):
            return
        if isinstance(ancestor, cst.For | cst.While):
            yield ancestor


def _bindings(context: FileContext, scope: Scope, name: str) -> Iterator[cst.CSTNode]:
    for node in context.table.names.get(name, ()):
        definition = context.table.parents[node]
        if not isinstance(definition, cst.FunctionDef | cst.ClassDef):
            continue
        if definition.name is node and context.table.scopes[definition] is scope:
            yield definition
    for reference in context.imports.references(scope, name):
        if not is_loaded(context, reference):
            yield reference
