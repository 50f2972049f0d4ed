"""Python's scoping rules over a concrete syntax tree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

__all__ = ["Scope", "ScopeTable", "build_scopes", "dotted_name"]

ScopeNode = (
    cst.Module
    | cst.FunctionDef
    | cst.Lambda
    | cst.ClassDef
    | cst.GeneratorExp
    | cst.ListComp
    | cst.SetComp
    | cst.DictComp
)
COMPREHENSIONS = (cst.GeneratorExp, cst.ListComp, cst.SetComp, cst.DictComp)


@dataclass(eq=False, slots=True)
class Scope:
    """One region with names of its own."""

    node: ScopeNode
    parent: "Scope | None"
    names: set[str] = field(default_factory=set)
    redirected: dict[str, str] = field(default_factory=dict)

    def resolve(self, name: str) -> "Scope | None":
        """Return the scope that `name` lives in when used here; None means a builtin."""
        scope: Scope | None = self
        first = True
        while scope is not None:
            visible = first or not isinstance(scope.node, cst.ClassDef)
            if visible:
                if scope.redirected.get(name) == "global":
                    return scope.root()
                if name in scope.names and name not in scope.redirected:
                    return scope
            first = False
            scope = scope.parent
        return None

    def root(self) -> "Scope":
        """Return the module's scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def function(self) -> "Scope":
        """Return the nearest function, lambda, class or module scope: where walrus binds."""
        scope = self
        while isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
            scope = scope.parent
        return scope

    def enclosing_class(self) -> cst.ClassDef | None:
        """Return the class whose body directly holds this function."""
        parent = self.parent
        if parent is not None and isinstance(parent.node, cst.ClassDef):
            return parent.node
        return None


@dataclass(slots=True)
class ScopeTable:
    """Where every node of one module lives."""

    module: cst.Module
    root: Scope
    parents: dict[cst.CSTNode, cst.CSTNode]
    scopes: dict[cst.CSTNode, Scope]
    by_node: dict[cst.CSTNode, Scope]
    names: dict[str, list[cst.Name]] = field(default_factory=dict)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes around `node`, innermost first."""
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the element of a block (a line or a compound statement) that holds `node`."""
        current = node
        while True:
            parent = self.parents.get(current)
            if parent is None or isinstance(parent, cst.IndentedBlock | cst.Module):
                return current
            current = parent

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | cst.Lambda | None:
        """Return the function or lambda whose body runs `node`."""
        child = node
        for ancestor in self.ancestors(node):
            if isinstance(ancestor, cst.FunctionDef) and child is ancestor.body:
                return ancestor
            if isinstance(ancestor, cst.Lambda) and child is ancestor.body:
                return ancestor
            child = ancestor
        return None


def dotted_name(node: cst.CSTNode | None) -> str | None:
    """Return `a.b.c` for a chain of plain names, otherwise None."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = dotted_name(node.value)
        return None if base is None else f"{base}.{node.attr.value}"
    return None


class _Builder(cst.CSTVisitor):
    def __init__(self, module: cst.Module) -> None:
        super().__init__()
        self.root = Scope(module, None)
        self.stack: list[cst.CSTNode] = []
        self.scope_stack: list[Scope] = [self.root]
        self.table = ScopeTable(module, self.root, {}, {}, {module: self.root})

    @property
    def current(self) -> Scope:
        return self.scope_stack[-1]

    def on_visit(self, node: cst.CSTNode) -> bool:
        parent = self.stack[-1] if self.stack else None
        if parent is not None:
            self.table.parents[node] = parent
        self.scope_stack.append(self._scope_of(parent, node))
        self.table.scopes[node] = self.current
        if isinstance(node, cst.Name):
            self.table.names.setdefault(node.value, []).append(node)
        self._declare(node)
        self.stack.append(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:  # noqa: ARG002 - the base's name
        self.stack.pop()
        self.scope_stack.pop()

    def _scope_of(self, parent: cst.CSTNode | None, node: cst.CSTNode) -> Scope:
        """Return the scope that `node` is evaluated in."""
        match parent:
            case cst.FunctionDef() | cst.Lambda() if node in (parent.body, parent.params):
                return self._own_scope(parent)
            case cst.ClassDef() if node is parent.body:
                return self._own_scope(parent)
            case cst.Param() if node in (parent.default, parent.annotation):
                # Defaults and annotations are evaluated outside, where the function is made.
                return self.current.parent or self.current
            case _:
                pass
        return self._own_scope(node) if isinstance(node, COMPREHENSIONS) else self.current

    def _own_scope(self, node: ScopeNode) -> Scope:
        if node not in self.table.by_node:
            self.table.by_node[node] = Scope(node, self.current)
        return self.table.by_node[node]

    def _declare(self, node: cst.CSTNode) -> None:
        match node:
            case cst.FunctionDef() | cst.ClassDef():
                self.current.names.add(node.name.value)
            case cst.Param():
                self.current.names.add(node.name.value)
            case cst.Global():
                self._redirect(node.names, "global")
            case cst.Nonlocal():
                self._redirect(node.names, "nonlocal")
            case cst.ImportAlias():
                self._declare_import(node)
            case cst.NamedExpr():
                self._declare_target(node.target, self.current.function())
            case cst.AssignTarget() | cst.AnnAssign() | cst.AugAssign() | cst.For() | cst.CompFor():
                self._declare_target(node.target, self.current)
            case cst.AsName():
                if isinstance(self.stack[-1], cst.WithItem | cst.ExceptHandler):
                    self._declare_target(node.name, self.current)
            case cst.MatchAs() | cst.MatchStar() if node.name is not None:
                self.current.names.add(node.name.value)
            case _:
                pass

    def _redirect(self, names: Sequence[cst.NameItem], kind: str) -> None:
        for item in names:
            self.current.redirected[item.name.value] = kind
            if kind == "global":
                self.root.names.add(item.name.value)

    def _declare_import(self, node: cst.ImportAlias) -> None:
        if node.asname is not None:
            self._declare_target(node.asname.name, self.current)
            return
        name = dotted_name(node.name)
        if name is not None:
            self.current.names.add(name.split(".", 1)[0])

    def _declare_target(self, target: cst.BaseExpression, scope: Scope) -> None:
        if isinstance(target, cst.Name):
            scope.names.add(target.value)
        elif isinstance(target, cst.Tuple | cst.List):
            for element in target.elements:
                self._declare_target(element.value, scope)
        elif isinstance(target, cst.StarredElement):
            self._declare_target(target.value, scope)


def build_scopes(module: cst.Module) -> ScopeTable:
    """Walk the module once and tell where every node lives."""
    builder = _Builder(module)
    module.visit(builder)
    return builder.table
