"""Edits planned on the original tree, applied together in one pass."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import libcst as cst

from purertc_migrate.source import TODO_PREFIX

__all__ = ["BlockEdit", "Edit", "Plan", "Statement", "todo_line"]

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
Edit = Callable[[cst.CSTNode], cst.CSTNode]
# Gets the block's original statements and what each has become; returns the new body.
BlockEdit = Callable[[dict[cst.CSTNode, list[Statement]]], None]
Block = TypeVar("Block", cst.Module, cst.IndentedBlock)


def todo_line(rule: str, text: str) -> cst.EmptyLine:
    """Return the marker line that rtc-migrate leaves in the code."""
    return cst.EmptyLine(comment=cst.Comment(f"{TODO_PREFIX} {rule}: {text}"))


@dataclass(slots=True)
class Plan:
    """What is to change in one file; every key is a node of the original tree."""

    edits: dict[cst.CSTNode, list[Edit]] = field(default_factory=lambda: defaultdict(list))
    block_edits: dict[cst.CSTNode, list[BlockEdit]] = field(
        default_factory=lambda: defaultdict(list)
    )
    todos: dict[cst.CSTNode, list[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    needed_names: set[str] = field(default_factory=set)

    def edit(self, node: cst.CSTNode, edit: Edit) -> None:
        """Change `node`; its children have changed already when the edit runs."""
        self.edits[node].append(edit)

    def edit_block(self, block: cst.CSTNode, edit: BlockEdit) -> None:
        """Change the statements of a block; see BlockEdit."""
        self.block_edits[block].append(edit)

    def todo(self, statement: cst.CSTNode, rule: str, text: str) -> None:
        """Put one marker above `statement`, once however often it is asked for."""
        if (rule, text) not in self.todos[statement]:
            self.todos[statement].append((rule, text))

    def apply(self, module: cst.Module) -> cst.Module:
        """Return the changed tree."""
        return module.visit(_Applier(self))


class _Applier(cst.CSTTransformer):
    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode:
        updated: cst.CSTNode = updated_node
        for edit in self.plan.edits.get(original_node, ()):
            updated = edit(updated)
        if isinstance(original_node, cst.Module | cst.IndentedBlock):
            updated = self._rebuild(original_node, updated)
        return updated

    def _rebuild(
        self, original: cst.Module | cst.IndentedBlock, updated: cst.CSTNode
    ) -> cst.CSTNode:
        edits = self.plan.block_edits.get(original, ())
        marked = [node for node in original.body if node in self.plan.todos]
        if not edits and not marked:
            return updated
        if not isinstance(updated, cst.Module | cst.IndentedBlock):
            raise TypeError("a block was replaced by something else")
        lines: dict[cst.CSTNode, list[Statement]] = {
            before: [after]  # type: ignore[list-item]
            for before, after in zip(original.body, updated.body, strict=True)
        }
        for edit in edits:
            edit(lines)
        for node in marked:
            place = _place(lines, node)
            lines[place] = _mark(lines[place], self.plan.todos[node])
        body: Sequence[Statement] = [line for group in lines.values() for line in group]
        if not body:
            body = [cst.SimpleStatementLine([cst.Pass()])]
        return updated.with_changes(body=body)


def _place(lines: dict[cst.CSTNode, list[Statement]], node: cst.CSTNode) -> cst.CSTNode:
    """Return where to mark what was said of `node`: there, or at what stands nearest to it."""
    keys = list(lines)
    position = keys.index(node)
    nearest = sorted(keys, key=lambda key: (abs(keys.index(key) - position), keys.index(key)))
    return next((key for key in nearest if lines[key]), node)


def _mark(statements: list[Statement], todos: list[tuple[str, str]]) -> list[Statement]:
    """Put the markers above the first statement, unless they are there already."""
    first, *rest = statements
    present = {line.comment.value for line in first.leading_lines if line.comment is not None}
    lines = [todo_line(rule, text) for rule, text in todos]
    new = [line for line in lines if line.comment is not None and line.comment.value not in present]
    return [first.with_changes(leading_lines=[*first.leading_lines, *new]), *rest]
