"""The documentation is rendered from the rules."""

import ast
import re
from pathlib import Path

import purertc_migrate
from purertc_migrate.docs import page_name, write_pages
from purertc_migrate.rules import all_rules

PACKAGE = Path(purertc_migrate.__file__).parent


def test_pages(tmp_path: Path) -> None:
    write_pages(tmp_path)
    index = (tmp_path / "index.md").read_text()
    for rule in all_rules():
        page = (tmp_path / f"{page_name(rule)}.md").read_text()
        assert page.startswith(f"# {rule.id}: {rule.title}\n")
        assert f"({page_name(rule)}.md)" in index
        assert page.count("```python\n") >= len(rule.examples)
        assert page.count("```") % 2 == 0
        assert rule.link.endswith(f"/_generated/rules/{page_name(rule)}.html")


def test_rules_are_one_a_file_and_numbered_as_their_file() -> None:
    folder = PACKAGE / "rules"
    files = sorted(path.stem for path in folder.glob("rm*.py"))
    assert [file.split("_")[0].upper() for file in files] == [rule.id for rule in all_rules()]
    assert len({rule.slug for rule in all_rules()}) == len(all_rules())


def test_the_codemod_stands_alone() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert not re.match(r"(aiortc|purertc|purertc_compat)(\.|$)", name), path
