"""What a callback's body does: does it wait, does it depend on where it is defined?"""

from collections.abc import Iterator

import libcst as cst

from purertc_migrate.analysis.scopes import dotted_name

__all__ = ["all_names", "needs_own_function", "own_nodes", "takes_long", "uses_name"]

# Awaited calls that may take as long as they like.
WAITING = frozenset({"gather", "get", "join", "receive", "recv", "sleep", "wait", "wait_for"})
NESTED = (cst.FunctionDef, cst.Lambda, cst.ClassDef)


def own_nodes(function: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes that run when the function runs, without nested functions and classes."""
    pending = list(function.children)
    while pending:
        node = pending.pop(0)
        yield node
        if not isinstance(node, NESTED):
            pending[:0] = node.children


def every_node(root: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the node and everything below it."""
    yield root
    for child in root.children:
        yield from every_node(child)


def all_names(root: cst.CSTNode) -> set[str]:
    """Return every identifier below the node, attributes included."""
    return {node.value for node in every_node(root) if isinstance(node, cst.Name)}


def uses_name(root: cst.CSTNode, name: str) -> bool:
    """Tell whether the identifier occurs below the node."""
    return any(isinstance(node, cst.Name) and node.value == name for node in every_node(root))


def takes_long(function: cst.FunctionDef) -> bool:
    """Tell whether a coroutine function may wait for long: a loop that awaits, a sleep."""
    for node in own_nodes(function):
        if isinstance(node, cst.For | cst.While) and _awaits(node):
            return True
        if isinstance(node, cst.Await) and isinstance(node.expression, cst.Call):
            name = node.expression.func
            last = name.attr.value if isinstance(name, cst.Attribute) else dotted_name(name)
            if last in WAITING:
                return True
    return False


def _awaits(loop: cst.For | cst.While) -> bool:
    if isinstance(loop, cst.For) and loop.asynchronous is not None:
        return True
    return any(isinstance(node, cst.Await) for node in own_nodes(loop))


def needs_own_function(function: cst.FunctionDef) -> bool:
    """Tell whether the body would mean something else inside a class of its own.

    `super()` and private names (`self.__x`) are bound to the class around them.
    """
    for node in every_node(function.body):
        if isinstance(node, cst.Name) and (
            node.value in {"super", "__class__"}
            or (node.value.startswith("__") and not node.value.endswith("__"))
        ):
            return True
    return any(isinstance(node, cst.Yield) for node in own_nodes(function))
