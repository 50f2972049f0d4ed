"""The rules, one a file; the file's name starts with the rule's number."""

import importlib
import pkgutil
from functools import cache

from purertc_migrate.rules.base import Example, Rule

__all__ = ["Example", "Rule", "all_rules", "find_rule"]


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule, in the order of the numbers."""
    names = sorted(
        info.name for info in pkgutil.iter_modules(__path__) if info.name.startswith("rm")
    )
    return tuple(importlib.import_module(f"{__name__}.{name}").RULE for name in names)


def find_rule(name: str) -> Rule | None:
    """Return the rule with this number or slug."""
    wanted = name.lower()
    return next((rule for rule in all_rules() if wanted in (rule.id.lower(), rule.slug)), None)
