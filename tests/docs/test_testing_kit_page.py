"""Every snippet of the page about the testing kit works as it is printed."""

import re

from demo.figures import ROOT

PAGE = ROOT / "docs" / "howto" / "testing_kit.md"


def test_the_snippets_work_in_the_order_of_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert len(blocks) == text.count("```python") == 11
    namespace: dict[str, object] = {"__name__": "testing_kit"}
    for block in blocks:
        line = text.count("\n", 0, block.start()) + 1
        code = compile("\n" * line + block[1], str(PAGE), "exec")
        exec(code, namespace)  # noqa: S102  # the page is ours
