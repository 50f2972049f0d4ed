"""One file on its way through the rules."""

from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from purertc_migrate.analysis.scopes import ScopeTable, build_scopes
from purertc_migrate.imports import LegacyImports, collect_imports
from purertc_migrate.plan import Plan
from purertc_migrate.report import Site, Verdict
from purertc_migrate.source import SourceFile

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
