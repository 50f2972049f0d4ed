"""Every promise names tests that exist."""

import ast
import re

from demo.figures import ROOT

PAGE = ROOT / "docs" / "topics" / "promises.md"


def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, kinds)}


def test_the_tests_of_each_promise_exist() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 12))
    for number, cell in rows:
        tests = re.findall(r"`([\w/.]+)::(\w+)`", cell)
        assert tests, number
        missing = [name for path, name in tests if name not in functions_of(path)]
        assert missing == []
