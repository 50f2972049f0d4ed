"""Every example of every rule comes out as its documentation says, and stays that way."""

import pytest

from purertc_migrate.engine import migrate
from purertc_migrate.rules import Example, Rule, all_rules

CASES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in all_rules()
    for number, example in enumerate(rule.examples, 1)
]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_example(rule: Rule, example: Example) -> None:
    (result,) = migrate([("example.py", example.before.encode())], example.target)
    assert result.problem is None
    assert result.after.decode() == example.after, rule.title


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_example_is_stable(rule: Rule, example: Example) -> None:
    (result,) = migrate([("example.py", example.after.encode())], example.target)
    assert result.problem is None
    assert result.after.decode() == example.after, rule.title
