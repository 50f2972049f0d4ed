"""What a rule consists of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from purertc_migrate.context import FileContext

__all__ = ["DOCS_URL", "Example", "Rule"]

DOCS_URL = "https://purertc.readthedocs.io/en/latest/_generated/rules/"


@dataclass(frozen=True, slots=True)
class Example:
    """A program before and after; it is a test and a piece of documentation at once."""

    before: str
    after: str
    target: str = "purertc"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `check` finds what blocks the move to purertc, `plan` makes the edits."""

    id: str
    slug: str
    title: str
    explanation: str
    examples: tuple[Example, ...]
    check: "Callable[[FileContext], None] | None" = None
    plan: "Callable[[FileContext], None] | None" = None
    plan_compat: "Callable[[FileContext], None] | None" = None

    @property
    def link(self) -> str:
        """The rule's page in the documentation."""
        return f"{DOCS_URL}{self.id.lower()}-{self.slug}.html"
