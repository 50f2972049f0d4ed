"""Renders the rules as Markdown: `python -m purertc_migrate.docs FOLDER` writes one page a rule."""

import sys
from pathlib import Path

from purertc_migrate.rules import all_rules
from purertc_migrate.rules.base import Rule

__all__ = ["rule_index", "rule_page", "write_pages"]


def rule_page(rule: Rule) -> str:
    """Return the documentation page of one rule."""
    parts = [f"# {rule.id}: {rule.title}\n", f"{rule.explanation}\n"]
    for example in rule.examples:
        parts.append(f"Before:\n\n```python\n{example.before}```\n")
        title = "After" if example.target == "purertc" else f"After `--to {example.target}`"
        same = example.before == example.after
        parts.append(
            f"{title}: unchanged.\n" if same else f"{title}:\n\n```python\n{example.after}```\n"
        )
    return "\n".join(parts)


def page_name(rule: Rule) -> str:
    """Return the file name of a rule's page, without suffix."""
    return f"{rule.id.lower()}-{rule.slug}"


def rule_index() -> str:
    """Return the page that lists the rules."""
    lines = ["# Rules of rtc-migrate\n", "| Rule | What it does |", "| --- | --- |"]
    lines += [f"| [{rule.id}]({page_name(rule)}.md) | {rule.title} |" for rule in all_rules()]
    pages = "\n".join(page_name(rule) for rule in all_rules())
    lines.append(f"\n```{{toctree}}\n:hidden:\n\n{pages}\n```\n")
    return "\n".join(lines)


def write_pages(folder: Path) -> None:
    """Write the index and every rule's page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.md").write_text(rule_index(), encoding="utf-8")
    for rule in all_rules():
        (folder / f"{page_name(rule)}.md").write_text(rule_page(rule), encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
