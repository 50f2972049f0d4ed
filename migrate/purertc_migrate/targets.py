"""Where names of purertc come from in the result: which import statement brings them."""

from collections import defaultdict

import libcst as cst

from purertc_migrate.analysis.scopes import Scope, dotted_name
from purertc_migrate.context import FileContext
from purertc_migrate.imports import split_root
from purertc_migrate.names import DATA_NAMES, ERROR_NAMES, SIGNALING_MODULE
from purertc_migrate.plan import BlockEdit, Edit, Statement

__all__ = ["ImportTargets", "new_class_name"]

# An import that gets longer than the file's own lines, within these bounds, is broken up.
MIN_WIDTH, MAX_WIDTH = 88, 100


def new_class_name(path: str) -> str | None:
    """Return the name in purertc for a dotted name of aiortc, or None when there is none."""
    last = path.rsplit(".", 1)[-1]
    return DATA_NAMES.get(last) or ERROR_NAMES.get(last)


class ImportTargets:
    """Spells names of purertc so that they do not collide, and collects what to import."""

    def __init__(self, context: FileContext) -> None:
        self.context = context
        self.added: dict[cst.ImportFrom, list[str]] = defaultdict(list)
        self.standalone: list[str] = []
        self.needs_asyncio = False
        names = set(context.table.names)
        replaced = {name for _, name in context.imports.bindings}
        self._used = names - replaced - self._imported_from_purertc()
        longest = max(map(len, context.source.text.splitlines()), default=0)
        self._width = min(max(longest, MIN_WIDTH), MAX_WIDTH)

    def _imported_from_purertc(self) -> set[str]:
        found: set[str] = set()
        for node in self.context.table.scopes:
            if isinstance(node, cst.ImportFrom) and dotted_name(node.module) == "purertc":
                names = () if isinstance(node.names, cst.ImportStar) else node.names
                found |= {alias.name.value for alias in names if isinstance(alias.name, cst.Name)}
        return found

    def local(self, name: str) -> str:
        """Return the name under which a class of purertc is imported here."""
        return f"Purertc{name}" if name in self._used else name

    def spell(self, name: str, user: cst.CSTNode) -> str:
        """Return an expression for `name` that works at `user`, and plan the import."""
        scope = self.context.table.scopes[user]
        statement = self._visible_from_import(scope)
        if statement is not None:
            if name not in self.added[statement]:
                self.added[statement].append(name)
            return self.local(name)
        module = self._visible_module(scope)
        if module is not None:
            return f"{module}.{name}"
        if name not in self.standalone:
            self.standalone.append(name)
        return self.local(name)

    def _visible_from_import(self, scope: Scope) -> cst.ImportFrom | None:
        """Find an import of data names whose scope is this one or lies around it."""
        best: cst.ImportFrom | None = None
        for statement in self.context.imports.statements:
            if not isinstance(statement, cst.ImportFrom) or not self._goes_to_purertc(statement):
                continue
            theirs = self.context.table.scopes[statement]
            if _encloses(theirs, scope) and not self._for_types_only(statement):
                best = best or statement
        return best

    def _goes_to_purertc(self, statement: cst.ImportFrom) -> bool:
        split = split_root(dotted_name(statement.module))
        if (
            split is None
            or split[1] == SIGNALING_MODULE
            or isinstance(statement.names, cst.ImportStar)
        ):
            return False
        names = [dotted_name(alias.name) or "" for alias in statement.names]
        return any(new_class_name(name) is not None for name in names)

    def _visible_module(self, scope: Scope) -> str | None:
        for statement in self.context.imports.statements:
            theirs = self.context.table.scopes[statement]
            if not isinstance(statement, cst.Import) or not _encloses(theirs, scope):
                continue
            for alias in statement.names:
                split = split_root(dotted_name(alias.name))
                if split is None or split[1] or self._for_types_only(statement):
                    continue
                if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                    return alias.asname.name.value
                return "purertc"
        return None

    def _for_types_only(self, statement: cst.CSTNode) -> bool:
        for ancestor in self.context.table.ancestors(statement):
            if isinstance(ancestor, cst.If):
                test = dotted_name(ancestor.test)
                if test in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
                    return True
        return False

    def apply(self) -> None:
        """Plan the imports that `spell` promised."""
        for statement, names in self.added.items():
            self.context.plan.edit(statement, self._adder(names))
        alone = ", ".join(self._imported(name) for name in sorted(self.standalone))
        lines = [f"from purertc import {alone}"] if alone else []
        if self.needs_asyncio and not self._has_asyncio():
            lines.insert(0, "import asyncio")
        if lines:
            self.context.plan.edit_block(self.context.source.module, _inserter(lines))

    def _has_asyncio(self) -> bool:
        return "asyncio" in self.context.table.root.names

    def _imported(self, name: str) -> str:
        local = self.local(name)
        return name if local == name else f"{name} as {local}"

    def _adder(self, names: list[str]) -> Edit:
        def add(node: cst.CSTNode) -> cst.CSTNode:
            if not isinstance(node, cst.ImportFrom) or isinstance(node.names, cst.ImportStar):
                return node
            added = add_names(node, [self._imported(name) for name in names])
            module = self.context.source.module
            if len(module.code_for_node(added)) > self._width:
                return break_up(added, module.default_indent)
            return added

        return add


def _encloses(outer: Scope, inner: Scope) -> bool:
    scope: Scope | None = inner
    while scope is not None:
        if scope is outer:
            return True
        scope = scope.parent
    return False


def add_names(statement: cst.ImportFrom, names: list[str]) -> cst.ImportFrom:
    """Add names to an import, in order when the others are in order, and in the same layout."""
    if isinstance(statement.names, cst.ImportStar):
        return statement
    aliases = list(statement.names)
    present = {dotted_name(alias.name) for alias in aliases}
    ordered = _is_sorted(aliases)
    separator = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    if len(aliases) > 1 and isinstance(aliases[0].comma, cst.Comma):
        separator = _without_comment(aliases[0].comma)
    for name in names:
        original, _, local = name.partition(" as ")
        if original in present:
            continue
        alias = cst.ImportAlias(
            cst.Name(original), asname=cst.AsName(cst.Name(local)) if local else None
        )
        position = len(aliases)
        if ordered:
            position = next(
                (i for i, other in enumerate(aliases) if _key(other) > _key(alias)), len(aliases)
            )
        aliases = _insert(aliases, position, alias, separator)
    return statement.with_changes(names=aliases)


def break_up(statement: cst.ImportFrom, indent: str) -> cst.ImportFrom:
    """Write a one-line import with one name a line."""
    if isinstance(statement.names, cst.ImportStar) or statement.lpar is not None:
        return statement
    inside = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(indent))
    comma = cst.Comma(whitespace_after=inside)
    last = cst.Comma(whitespace_after=cst.ParenthesizedWhitespace(indent=True))
    names = [alias.with_changes(comma=comma) for alias in statement.names]
    names[-1] = names[-1].with_changes(comma=last)
    return statement.with_changes(
        lpar=cst.LeftParen(whitespace_after=inside), rpar=cst.RightParen(), names=names
    )


def _insert(
    aliases: list[cst.ImportAlias], position: int, alias: cst.ImportAlias, separator: cst.Comma
) -> list[cst.ImportAlias]:
    if position < len(aliases):
        return [*aliases[:position], alias.with_changes(comma=separator), *aliases[position:]]
    *before, last = aliases
    return [*before, last.with_changes(comma=separator), alias.with_changes(comma=last.comma)]


def _without_comment(comma: cst.Comma) -> cst.Comma:
    after = comma.whitespace_after
    if isinstance(after, cst.ParenthesizedWhitespace) and (
        after.first_line.comment is not None or after.empty_lines
    ):
        first = cst.TrailingWhitespace()
        return comma.with_changes(
            whitespace_after=after.with_changes(first_line=first, empty_lines=[])
        )
    return comma


def _key(alias: cst.ImportAlias) -> str:
    return dotted_name(alias.name) or ""


def _is_sorted(aliases: list[cst.ImportAlias]) -> bool:
    keys = [_key(alias) for alias in aliases]
    return keys == sorted(keys)


def _inserter(lines: list[str]) -> BlockEdit:
    """Return an edit that puts import lines behind the module's leading imports."""

    def insert(blocks: dict[cst.CSTNode, list[Statement]]) -> None:
        keys = list(blocks)
        last = -1
        for position, key in enumerate(keys):
            if isinstance(key, cst.SimpleStatementLine) and (
                isinstance(key.body[0], cst.Import | cst.ImportFrom)
                or (position == 0 and _is_docstring(key))
            ):
                last = position
            elif last >= 0 or position > 0:
                break
        new = [statement for line in lines if (statement := _import_line(line)) is not None]
        if last < 0:
            blocks[keys[0]] = [*new, *blocks[keys[0]]]
        else:
            blocks[keys[last]] = [*blocks[keys[last]], *new]

    return insert


def _import_line(line: str) -> cst.SimpleStatementLine | None:
    statement = cst.parse_statement(line)
    return statement if isinstance(statement, cst.SimpleStatementLine) else None


def _is_docstring(line: cst.SimpleStatementLine) -> bool:
    expression = line.body[0]
    return isinstance(expression, cst.Expr) and isinstance(expression.value, cst.SimpleString)
