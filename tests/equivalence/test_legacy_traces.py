"""The same legacy program gives the same trace on aiortc and on purertc_compat."""

import pytest

from purertc_compat._deprecation import set_mode
from tests.support.legacy_call_scenarios import CALL_SCENARIOS
from tests.support.legacy_scenarios import MESSAGE_SCENARIOS
from tests.support.legacy_trace import run_scenario

SCENARIOS = MESSAGE_SCENARIOS | CALL_SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_traces_are_equal(name: str) -> None:
    before = set_mode("off")
    try:
        expected = await run_scenario("aiortc", SCENARIOS[name])
        actual = await run_scenario("purertc_compat", SCENARIOS[name])
    finally:
        set_mode(before)
    assert actual == expected
