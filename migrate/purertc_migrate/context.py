"""One file on its way through the rules."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from purertc_migrate.analysis.scopes import ScopeTable, build_scopes
from purertc_migrate.analysis.values import Kind, Value
from purertc_migrate.imports import LegacyImports, collect_imports
from purertc_migrate.plan import Plan
from purertc_migrate.report import Site, Verdict
from purertc_migrate.source import SourceFile

if TYPE_CHECKING:
    from purertc_migrate.analysis.inference import Inference
    from purertc_migrate.handlers.registrations import Registration
    from purertc_migrate.targets import ImportTargets

__all__ = ["Blocker", "FileContext", "open_file"]


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why a file has to stay on compat: the place, the rule and the smallest way out."""

    node: cst.CSTNode
    rule: str
    reason: str
    unblock: str


@dataclass(slots=True)
class FileContext:
    """Everything the rules know and plan about one file."""

    source: SourceFile
    table: ScopeTable
    imports: LegacyImports
    positions: dict[cst.CSTNode, CodeRange]
    plan: Plan = field(default_factory=Plan)
    sites: list[Site] = field(default_factory=list)
    blockers: list[Blocker] = field(default_factory=list)
    inference: "Inference | None" = None
    registrations: "list[Registration]" = field(default_factory=list)
    # Functions and lambdas whose bodies become coroutine methods.
    becomes_async: set[cst.CSTNode] = field(default_factory=set)
    # Nodes that a rule takes care of in a way of its own.
    handled: set[cst.CSTNode] = field(default_factory=set)
    targets: "ImportTargets | None" = None

    def values(self, node: cst.CSTNode) -> frozenset[Value]:
        """Return everything the expression can be; nothing means unknown."""
        return frozenset() if self.inference is None else self.inference.values(self, node)

    def kinds(self, node: cst.CSTNode) -> set[str]:
        """Return the kinds of aiortc objects the expression can be."""
        return {value.name for value in self.values(node) if isinstance(value, Kind)}

    def origins(self, node: cst.CSTNode) -> set[str]:
        """Return which sides can have opened the channel, as far as that is known."""
        return {v.origin for v in self.values(node) if isinstance(v, Kind) and v.origin}

    def new_name(self, name: str, user: cst.CSTNode) -> str:
        """Return how `user` can spell a name of purertc, and plan its import."""
        if self.targets is None:
            raise TypeError("names of purertc are only known while moving to purertc")
        return self.targets.spell(name, user)

    def runs_async(self, node: cst.CSTNode) -> bool:
        """Tell whether `await` is possible at this place in the result."""
        child = node
        for ancestor in self.table.ancestors(node):
            if isinstance(ancestor, cst.GeneratorExp):
                return False
            if isinstance(ancestor, cst.FunctionDef | cst.Lambda) and child is ancestor.body:
                is_async = isinstance(ancestor, cst.FunctionDef) and ancestor.asynchronous
                return bool(is_async) or ancestor in self.becomes_async
            child = ancestor
        return False

    def site(
        self,
        node: cst.CSTNode,
        rule: str,
        verdict: Verdict,
        reason: str,
        unblock: str | None = None,
    ) -> None:
        """Record a site for the report."""
        start = self.positions[node].start
        self.sites.append(Site(start.line, start.column, rule, verdict, reason, unblock))

    def block(self, node: cst.CSTNode, rule: str, reason: str, unblock: str) -> None:
        """Record that this place keeps the file on compat."""
        self.blockers.append(Blocker(node, rule, reason, unblock))

    def reset(self) -> None:
        """Forget what was planned and recorded; the blockers stay."""
        self.plan = Plan()
        self.sites = []

    def code(self, node: cst.CSTNode) -> str:
        """Return the node's source text."""
        return self.source.module.code_for_node(node)


def open_file(source: SourceFile) -> FileContext:
    """Build the context of one parsed file."""
    wrapper = MetadataWrapper(source.module, unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    table = build_scopes(source.module)
    return FileContext(source, table, collect_imports(table), dict(positions))
