"""Where a module gets aiortc's names from, and which expressions mean one of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from purertc_migrate.analysis.scopes import Scope, ScopeTable, dotted_name
from purertc_migrate.names import LEGACY_ROOTS

__all__ = [
    "LegacyImports",
    "NameReference",
    "annotation_strings",
    "collect_imports",
    "module_string_arguments",
    "rename_root",
    "split_root",
]

# Calls whose first string argument is the dotted name of a module or of something in it.
MODULE_NAME_CALLS = frozenset(
    {
        "__import__",
        "find_spec",
        "import_module",
        "importlib.import_module",
        "importlib.util.find_spec",
        "importorskip",
        "mock.patch",
        "mocker.patch",
        "monkeypatch.setattr",
        "patch",
        "pytest.importorskip",
        "unittest.mock.patch",
    }
)


@dataclass(frozen=True, slots=True)
class NameReference:
    """A plain name in the code that refers to a binding made by a legacy import."""

    node: cst.Name
    scope: Scope


@dataclass(slots=True)
class LegacyImports:
    """The legacy imports of one module."""

    table: ScopeTable
    statements: list[cst.Import | cst.ImportFrom]
    # (scope, local name) → dotted name below the root; "" is the root module itself.
    bindings: dict[tuple[Scope, str], str]
    stars: list[cst.ImportFrom]

    def path(self, node: cst.CSTNode) -> str | None:
        """Return the dotted name below the root that the expression means, or None."""
        if isinstance(node, cst.Name):
            scope = self.table.scopes[node].resolve(node.value)
            return None if scope is None else self.bindings.get((scope, node.value))
        if isinstance(node, cst.Attribute):
            base = self.path(node.value)
            if base is not None:
                return f"{base}.{node.attr.value}".lstrip(".")
        return None

    def references(self, scope: Scope, name: str) -> Iterator[cst.Name]:
        """Yield every plain name that means the binding `name` of `scope`."""
        for node in self.table.names.get(name, ()):
            if is_reference(self.table, node) and self.table.scopes[node].resolve(name) is scope:
                yield node


def is_reference(table: ScopeTable, node: cst.Name) -> bool:
    """Tell whether a name node reads or binds a variable (and is no attribute or keyword)."""
    parent = table.parents.get(node)
    match parent:
        case cst.Attribute():
            return parent.value is node and not _inside_import(table, parent)
        case cst.Arg():
            return parent.value is node
        case cst.ImportAlias() | cst.ImportFrom():
            return False
        case cst.AsName():
            return not isinstance(table.parents.get(parent), cst.ImportAlias)
        case cst.Param():
            return parent.name is not node
        case cst.MatchKeywordElement():
            return parent.key is not node
        case cst.FunctionDef() | cst.ClassDef():
            return parent.name is not node
        case _:
            return True


def _inside_import(table: ScopeTable, node: cst.CSTNode) -> bool:
    parent = table.parents.get(node)
    while isinstance(parent, cst.Attribute):
        parent = table.parents.get(parent)
    return isinstance(parent, cst.ImportAlias | cst.ImportFrom)


def split_root(dotted: str | None) -> tuple[str, str] | None:
    """Split `aiortc.sdp` into its root and the rest; None when the root is another package."""
    if dotted is None:
        return None
    root, _, rest = dotted.partition(".")
    return (root, rest) if root in LEGACY_ROOTS else None


def collect_imports(table: ScopeTable) -> LegacyImports:
    """Find every import of the legacy package, wherever it stands."""
    imports = LegacyImports(table, [], {}, [])
    for node, scope in table.scopes.items():
        if isinstance(node, cst.Import):
            _collect_plain(imports, node, scope)
        elif isinstance(node, cst.ImportFrom) and not node.relative:
            _collect_from(imports, node, scope)
    return imports


def _collect_plain(imports: LegacyImports, node: cst.Import, scope: Scope) -> None:
    legacy = False
    for alias in node.names:
        split = split_root(dotted_name(alias.name))
        if split is None:
            continue
        legacy = True
        root, rest = split
        if alias.asname is None:
            imports.bindings[scope, root] = ""
        elif isinstance(alias.asname.name, cst.Name):
            imports.bindings[scope, alias.asname.name.value] = rest
    if legacy:
        imports.statements.append(node)


def _collect_from(imports: LegacyImports, node: cst.ImportFrom, scope: Scope) -> None:
    split = split_root(dotted_name(node.module))
    if split is None:
        return
    imports.statements.append(node)
    if isinstance(node.names, cst.ImportStar):
        imports.stars.append(node)
        return
    for alias in node.names:
        name = dotted_name(alias.name)
        local = alias.asname.name if alias.asname is not None else alias.name
        if name is not None and isinstance(local, cst.Name):
            imports.bindings[scope, local.value] = f"{split[1]}.{name}".lstrip(".")


def rename_root(node: cst.CSTNode, new: str) -> cst.CSTNode:
    """Replace the leftmost name of a dotted expression."""
    if isinstance(node, cst.Name):
        return node.with_changes(value=new)
    if isinstance(node, cst.Attribute):
        return node.with_changes(value=rename_root(node.value, new))
    return node


def annotation_strings(table: ScopeTable) -> Iterator[cst.SimpleString]:
    """Yield the string literals that stand inside annotations, or name a type in `cast`."""
    for node in table.scopes:
        if not isinstance(node, cst.SimpleString):
            continue
        child: cst.CSTNode = node
        for ancestor in table.ancestors(node):
            if isinstance(ancestor, cst.Subscript) and _is_literal(ancestor):
                break
            if isinstance(ancestor, cst.Annotation):
                yield node
                break
            if isinstance(ancestor, cst.Call) and dotted_name(ancestor.func) in {
                "cast",
                "typing.cast",
            }:
                if ancestor.args and ancestor.args[0] is child:
                    yield node
                break
            if isinstance(ancestor, cst.BaseStatement | cst.BaseSmallStatement):
                break
            child = ancestor


def _is_literal(node: cst.Subscript) -> bool:
    return dotted_name(node.value) in {"Literal", "typing.Literal", "typing_extensions.Literal"}


def module_string_arguments(table: ScopeTable) -> Iterator[cst.SimpleString]:
    """Yield string literals that name a module for an import, a patch or a look-up."""
    for node in table.scopes:
        if not isinstance(node, cst.Call) or dotted_name(node.func) not in MODULE_NAME_CALLS:
            continue
        if node.args and isinstance(node.args[0].value, cst.SimpleString):
            yield node.args[0].value
