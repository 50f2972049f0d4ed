"""RM109: files that share their objects with a file that stays on compat."""

from purertc_migrate.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    id="RM109",
    slug="linked-files",
    title="Files that belong to one that stays on compat",
    explanation=(
        "Files of one run that import each other move together or not at all, because the "
        "objects of compat and purertc do not mix on one connection. The TODO names the file that "
        "holds the others back; unblock that one."
    ),
    examples=(),
)
